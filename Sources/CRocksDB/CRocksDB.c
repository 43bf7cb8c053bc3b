#define _GNU_SOURCE
#include "CRocksDB.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LIBRARY "librocksdb.so.7.8"

// What is used of RocksDB's C API (rocksdb/c.h of 7.8), every object as void *.
#define FUNCTIONS(X)                                                                             \
    X(void *, options_create, (void))                                                            \
    X(void, options_destroy, (void *))                                                           \
    X(void, get_options_from_string, (const void *, const char *, void *, char **))              \
    X(void, options_set_create_if_missing, (void *, unsigned char))                              \
    X(void, options_set_write_buffer_size, (void *, size_t))                                     \
    X(void, options_set_db_write_buffer_size, (void *, size_t))                                  \
    X(void, options_set_max_write_buffer_number, (void *, int))                                  \
    X(void, options_set_max_open_files, (void *, int))                                           \
    X(void, options_set_max_background_jobs, (void *, int))                                      \
    X(void, options_set_level_compaction_dynamic_level_bytes, (void *, unsigned char))           \
    X(void, options_set_max_bytes_for_level_base, (void *, uint64_t))                            \
    X(void, options_set_target_file_size_base, (void *, uint64_t))                               \
    X(void, options_set_level0_file_num_compaction_trigger, (void *, int))                       \
    X(void, options_set_compression, (void *, int))                                              \
    X(void, options_set_info_log_level, (void *, int))                                           \
    X(void, options_set_keep_log_file_num, (void *, size_t))                                     \
    X(void, options_set_merge_operator, (void *, void *))                                        \
    X(void, options_set_block_based_table_factory, (void *, void *))                             \
    X(void *, block_based_options_create, (void))                                                \
    X(void, block_based_options_destroy, (void *))                                               \
    X(void, block_based_options_set_block_cache, (void *, void *))                               \
    X(void, block_based_options_set_filter_policy, (void *, void *))                             \
    X(void, block_based_options_set_cache_index_and_filter_blocks, (void *, unsigned char))      \
    X(void, block_based_options_set_pin_l0_filter_and_index_blocks_in_cache,                     \
      (void *, unsigned char))                                                                   \
    X(void *, filterpolicy_create_bloom_full, (double))                                          \
    X(void *, cache_create_lru, (size_t))                                                        \
    X(void, cache_destroy, (void *))                                                             \
    X(void *, mergeoperator_create,                                                              \
      (void *, void (*)(void *),                                                                 \
       char *(*)(void *, const char *, size_t, const char *, size_t, const char *const *,        \
                 const size_t *, int, unsigned char *, size_t *),                                \
       char *(*)(void *, const char *, size_t, const char *const *, const size_t *, int,         \
                 unsigned char *, size_t *),                                                     \
       void (*)(void *, const char *, size_t), const char *(*)(void *)))                         \
    X(void *, open_column_families,                                                              \
      (const void *, const char *, int, const char *const *, const void *const *, void **,       \
       char **))                                                                                 \
    X(void, column_family_handle_destroy, (void *))                                              \
    X(void, cancel_all_background_work, (void *, unsigned char))                                 \
    X(void, close, (void *))                                                                     \
    X(void, destroy_db, (const void *, const char *, char **))                                   \
    X(void *, writeoptions_create, (void))                                                       \
    X(void, writeoptions_destroy, (void *))                                                      \
    X(void, writeoptions_disable_WAL, (void *, int))                                             \
    X(void *, readoptions_create, (void))                                                        \
    X(void, readoptions_destroy, (void *))                                                       \
    X(void, readoptions_set_iterate_upper_bound, (void *, const char *, size_t))                 \
    X(void *, writebatch_create, (void))                                                         \
    X(void, writebatch_destroy, (void *))                                                        \
    X(void, writebatch_clear, (void *))                                                          \
    X(const char *, writebatch_data, (void *, size_t *))                                         \
    X(void, writebatch_put, (void *, const char *, size_t, const char *, size_t))                \
    X(void, writebatch_merge, (void *, const char *, size_t, const char *, size_t))              \
    X(void, writebatch_delete, (void *, const char *, size_t))                                   \
    X(void, writebatch_delete_range, (void *, const char *, size_t, const char *, size_t))       \
    X(void, write, (void *, const void *, void *, char **))                                      \
    X(void, batched_multi_get_cf,                                                                \
      (void *, const void *, void *, size_t, const char *const *, const size_t *, void **,       \
       char **, const _Bool))                                                                    \
    X(const char *, pinnableslice_value, (const void *, size_t *))                               \
    X(void, pinnableslice_destroy, (void *))                                                     \
    X(void *, create_iterator, (void *, const void *))                                           \
    X(void, iter_destroy, (void *))                                                              \
    X(unsigned char, iter_valid, (const void *))                                                 \
    X(void, iter_seek, (void *, const char *, size_t))                                           \
    X(void, iter_next, (void *))                                                                 \
    X(const char *, iter_key, (const void *, size_t *))                                          \
    X(const char *, iter_value, (const void *, size_t *))                                        \
    X(void, iter_get_error, (const void *, char **))                                             \
    X(int, property_int, (void *, const char *, uint64_t *))                                     \
    X(void, free, (void *))

// Written once, by load_once, before anything else reads it.
static struct {
#define X(result, name, parameters) result(*name) parameters;
    FUNCTIONS(X)
#undef X
} rocks;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static char failure[512];

static void load_once(void) {
    void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        snprintf(
            failure, sizeof failure,
            "RocksDB is not installed: install Debian's librocksdb7.8 (%s)", dlerror());
        return;
    }
#define X(result, name, parameters)                                                              \
    if (!(rocks.name = (result(*) parameters)dlsym(library, "rocksdb_" #name))) {                \
        snprintf(failure, sizeof failure, LIBRARY " has no rocksdb_" #name);                     \
        return;                                                                                  \
    }
    FUNCTIONS(X)
#undef X
}

const char *martlet_rocks_load(void) {
    pthread_once(&once, load_once);
    return failure[0] ? failure : NULL;
}

// The merge operator: a value and what was appended to it, one behind the other.

static char *join(
    const char *start, size_t start_size, const char *const *pieces, const size_t *sizes,
    int count, unsigned char *success, size_t *size) {
    size_t total = start_size;
    for (int i = 0; i < count; i++) total += sizes[i];
    char *result = malloc(total ? total : 1);
    *success = result != NULL;
    *size = total;
    if (!result) return NULL;
    char *end = result;
    if (start_size) memcpy(end, start, start_size);
    end += start_size;
    for (int i = 0; i < count; i++) {
        if (sizes[i]) memcpy(end, pieces[i], sizes[i]);
        end += sizes[i];
    }
    return result;
}

static char *full_merge(
    void *state, const char *key, size_t key_size, const char *value, size_t value_size,
    const char *const *pieces, const size_t *sizes, int count, unsigned char *success,
    size_t *size) {
    (void)state, (void)key, (void)key_size;
    return join(value, value ? value_size : 0, pieces, sizes, count, success, size);
}

static char *partial_merge(
    void *state, const char *key, size_t key_size, const char *const *pieces,
    const size_t *sizes, int count, unsigned char *success, size_t *size) {
    (void)state, (void)key, (void)key_size;
    return join(NULL, 0, pieces, sizes, count, success, size);
}

static void no_state(void *state) { (void)state; }
static const char *merge_name(void *state) {
    (void)state;
    return "martlet.append";
}

struct martlet_rocks {
    char *directory;
    void *db, *family, *options, *reading, *writing, *batch;
};

struct martlet_rocks_iterator {
    void *iterator, *reading;
    // The upper bound, which RocksDB reads where it is.
    char end[];
};

martlet_rocks_cache *martlet_rocks_cache_create(size_t bytes) {
    return rocks.cache_create_lru(bytes);
}

void martlet_rocks_cache_destroy(martlet_rocks_cache *cache) { rocks.cache_destroy(cache); }

martlet_rocks *martlet_rocks_open(
    const char *directory, martlet_rocks_cache *cache, size_t write_buffer_bytes, char **error) {
    martlet_rocks *store = calloc(1, sizeof *store);
    *error = NULL;
    store->directory = strdup(directory);
    void *table = rocks.block_based_options_create();
    // Shares it with the other stores that have it.
    rocks.block_based_options_set_block_cache(table, cache);
    // Belongs to the table's options from here on.
    rocks.block_based_options_set_filter_policy(table, rocks.filterpolicy_create_bloom_full(10));
    // In the cache, so that they count against its limit.
    rocks.block_based_options_set_cache_index_and_filter_blocks(table, 1);
    rocks.block_based_options_set_pin_l0_filter_and_index_blocks_in_cache(table, 1);

    void *options = store->options = rocks.options_create();
    // A store that is closed is removed. The C API has no function for this option; where a later
    // version does not know it, closing takes longer.
    void *defaults = rocks.options_create();
    rocks.get_options_from_string(
        defaults, "avoid_flush_during_shutdown=true", options, error);
    rocks.options_destroy(defaults);
    if (*error) rocks.free(*error);
    *error = NULL;
    rocks.options_set_create_if_missing(options, 1);
    rocks.options_set_db_write_buffer_size(options, write_buffer_bytes);
    rocks.options_set_write_buffer_size(options, write_buffer_bytes / 2);
    rocks.options_set_max_write_buffer_number(options, 2);
    rocks.options_set_max_open_files(options, 512);
    rocks.options_set_max_background_jobs(options, 2);
    rocks.options_set_level_compaction_dynamic_level_bytes(options, 1);
    // In proportion to what is flushed: files of RocksDB's 64 MB have indexes that a small cache
    // cannot keep, and a first level of 256 MB is written anew for each few megabytes.
    size_t file_bytes = write_buffer_bytes < (8u << 20)    ? 8u << 20
                        : write_buffer_bytes > (64u << 20) ? 64u << 20
                                                           : write_buffer_bytes;
    rocks.options_set_target_file_size_base(options, file_bytes);
    rocks.options_set_max_bytes_for_level_base(options, 4 * file_bytes);
    rocks.options_set_level0_file_num_compaction_trigger(options, 8);
    rocks.options_set_compression(options, 4);  // LZ4
    rocks.options_set_info_log_level(options, 3);  // errors
    rocks.options_set_keep_log_file_num(options, 1);
    rocks.options_set_block_based_table_factory(options, table);
    rocks.block_based_options_destroy(table);
    // Belongs to the options from here on.
    rocks.options_set_merge_operator(
        options,
        rocks.mergeoperator_create(NULL, no_state, full_merge, partial_merge, NULL, merge_name));

    rocks.destroy_db(options, directory, error);
    if (!*error) {
        const char *name = "default";
        const void *family_options = options;
        store->db = rocks.open_column_families(
            options, directory, 1, &name, &family_options, &store->family, error);
    }
    if (*error) {
        rocks.options_destroy(options);
        free(store->directory);
        free(store);
        return NULL;
    }
    store->reading = rocks.readoptions_create();
    store->writing = rocks.writeoptions_create();
    rocks.writeoptions_disable_WAL(store->writing, 1);
    store->batch = rocks.writebatch_create();
    return store;
}

void martlet_rocks_close(martlet_rocks *store) {
    rocks.writebatch_destroy(store->batch);
    rocks.writeoptions_destroy(store->writing);
    rocks.readoptions_destroy(store->reading);
    rocks.column_family_handle_destroy(store->family);
    rocks.cancel_all_background_work(store->db, 1);
    rocks.close(store->db);
    char *error = NULL;
    rocks.destroy_db(store->options, store->directory, &error);
    // Files that cannot be removed are no reason to fail: they are in the way of nothing.
    if (error) rocks.free(error);
    rmdir(store->directory);
    rocks.options_destroy(store->options);
    free(store->directory);
    free(store);
}

void martlet_rocks_put(
    martlet_rocks *store, const void *key, size_t key_size, const void *value,
    size_t value_size) {
    rocks.writebatch_put(store->batch, key, key_size, value, value_size);
}

void martlet_rocks_append(
    martlet_rocks *store, const void *key, size_t key_size, const void *value,
    size_t value_size) {
    rocks.writebatch_merge(store->batch, key, key_size, value, value_size);
}

void martlet_rocks_delete(martlet_rocks *store, const void *key, size_t key_size) {
    rocks.writebatch_delete(store->batch, key, key_size);
}

void martlet_rocks_delete_range(
    martlet_rocks *store, const void *first, size_t first_size, const void *end,
    size_t end_size) {
    rocks.writebatch_delete_range(store->batch, first, first_size, end, end_size);
}

size_t martlet_rocks_pending(martlet_rocks *store) {
    size_t size = 0;
    rocks.writebatch_data(store->batch, &size);
    return size;
}

char *martlet_rocks_write(martlet_rocks *store) {
    char *error = NULL;
    rocks.write(store->db, store->writing, store->batch, &error);
    rocks.writebatch_clear(store->batch);
    return error;
}

void martlet_rocks_get(
    martlet_rocks *store, size_t count, const void *const *keys, const size_t *key_sizes,
    martlet_rocks_value **values, char **errors) {
    rocks.batched_multi_get_cf(
        store->db, store->reading, store->family, count, (const char *const *)keys, key_sizes,
        (void **)values, errors, 0);
}

const void *martlet_rocks_value_bytes(const martlet_rocks_value *value, size_t *size) {
    return rocks.pinnableslice_value(value, size);
}

void martlet_rocks_value_release(martlet_rocks_value *value) {
    rocks.pinnableslice_destroy(value);
}

martlet_rocks_iterator *martlet_rocks_iterate(
    martlet_rocks *store, const void *first, size_t first_size, const void *end,
    size_t end_size) {
    martlet_rocks_iterator *iterator = malloc(sizeof *iterator + end_size);
    memcpy(iterator->end, end, end_size);
    iterator->reading = rocks.readoptions_create();
    rocks.readoptions_set_iterate_upper_bound(iterator->reading, iterator->end, end_size);
    iterator->iterator = rocks.create_iterator(store->db, iterator->reading);
    rocks.iter_seek(iterator->iterator, first, first_size);
    return iterator;
}

int martlet_rocks_iterator_valid(const martlet_rocks_iterator *iterator) {
    return rocks.iter_valid(iterator->iterator);
}

const void *martlet_rocks_iterator_key(const martlet_rocks_iterator *iterator, size_t *size) {
    return rocks.iter_key(iterator->iterator, size);
}

const void *martlet_rocks_iterator_value(const martlet_rocks_iterator *iterator, size_t *size) {
    return rocks.iter_value(iterator->iterator, size);
}

void martlet_rocks_iterator_next(martlet_rocks_iterator *iterator) {
    rocks.iter_next(iterator->iterator);
}

char *martlet_rocks_iterator_end(martlet_rocks_iterator *iterator) {
    char *error = NULL;
    rocks.iter_get_error(iterator->iterator, &error);
    rocks.iter_destroy(iterator->iterator);
    rocks.readoptions_destroy(iterator->reading);
    free(iterator);
    return error;
}

uint64_t martlet_rocks_property(martlet_rocks *store, const char *name) {
    uint64_t value = 0;
    return rocks.property_int(store->db, name, &value) == 0 ? value : 0;
}

void martlet_rocks_free(void *error) { rocks.free(error); }
