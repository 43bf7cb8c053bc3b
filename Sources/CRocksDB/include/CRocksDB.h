#ifndef MARTLET_CROCKSDB_H
#define MARTLET_CROCKSDB_H

// RocksDB as one key-value store with byte strings in order, loaded when it is first asked for:
// nothing here links to it, so a program starts without it. A store belongs to one thread, except
// for martlet_rocks_property. Errors are texts to be freed with martlet_rocks_free.

#include <stddef.h>
#include <stdint.h>

typedef struct martlet_rocks martlet_rocks;
typedef struct martlet_rocks_cache martlet_rocks_cache;
typedef struct martlet_rocks_value martlet_rocks_value;
typedef struct martlet_rocks_iterator martlet_rocks_iterator;

/// Loads the library, once; NULL, or why it cannot be used. Not to be freed.
const char *martlet_rocks_load(void);

/// A cache of blocks read, which any number of stores share, on any threads. Stores hold on to it.
martlet_rocks_cache *martlet_rocks_cache_create(size_t bytes);
void martlet_rocks_cache_destroy(martlet_rocks_cache *cache);

/// Makes an empty store in a directory, whose parent exists; whatever store was there is gone.
/// What is written goes to no log: the store does not outlive its process.
martlet_rocks *martlet_rocks_open(
    const char *directory, martlet_rocks_cache *cache, size_t write_buffer_bytes, char **error);
/// Closes the store and removes its files; waits for no compaction.
void martlet_rocks_close(martlet_rocks *store);

// Changes are collected and take effect, all together, with martlet_rocks_write.
void martlet_rocks_put(
    martlet_rocks *store, const void *key, size_t key_size, const void *value, size_t value_size);
/// Adds bytes to the end of a value.
void martlet_rocks_append(
    martlet_rocks *store, const void *key, size_t key_size, const void *value, size_t value_size);
void martlet_rocks_delete(martlet_rocks *store, const void *key, size_t key_size);
void martlet_rocks_delete_range(
    martlet_rocks *store, const void *first, size_t first_size, const void *end, size_t end_size);
/// The bytes of the changes that wait.
size_t martlet_rocks_pending(martlet_rocks *store);
char *martlet_rocks_write(martlet_rocks *store);

/// Looks up many keys. For each either a value, to be released, or NULL; and an error or NULL.
void martlet_rocks_get(
    martlet_rocks *store, size_t count, const void *const *keys, const size_t *key_sizes,
    martlet_rocks_value **values, char **errors);
const void *martlet_rocks_value_bytes(const martlet_rocks_value *value, size_t *size);
void martlet_rocks_value_release(martlet_rocks_value *value);

/// Stands at the first key from `first` on, below `end`.
martlet_rocks_iterator *martlet_rocks_iterate(
    martlet_rocks *store, const void *first, size_t first_size, const void *end, size_t end_size);
int martlet_rocks_iterator_valid(const martlet_rocks_iterator *iterator);
const void *martlet_rocks_iterator_key(const martlet_rocks_iterator *iterator, size_t *size);
const void *martlet_rocks_iterator_value(const martlet_rocks_iterator *iterator, size_t *size);
void martlet_rocks_iterator_next(martlet_rocks_iterator *iterator);
/// Ends an iteration; NULL, or why it stopped before its time.
char *martlet_rocks_iterator_end(martlet_rocks_iterator *iterator);

/// A number that RocksDB knows by this name; 0 if it does not. Any thread.
uint64_t martlet_rocks_property(martlet_rocks *store, const char *name);

void martlet_rocks_free(void *error);

#endif
