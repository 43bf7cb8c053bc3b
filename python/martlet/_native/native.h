/* martlet._native: columns to Python values and back, the fused stage, and the worker's frames.
 *
 * Files: types.c (type text → tree), lazy.c (classes imported on first use), temporal.c (dates and
 * times), decimals.c, reader.c and fresh.c (columns → values), writer.c and writer_nested.c (values →
 * columns), batch.c (bodies), pickles.c, keyed.c, keyorder.c and store.c (records by key, Flink's key
 * order, what travels), state.h, state.c and state_….c (views on the slots of a record), timers.c,
 * window.h, window.c, panes.c, pane_values.c and sliding.c (windows of time), coerce.c, stage.c (its
 * making), emit.c (results) and run.c (the loop), async.h and async.c (results that come later),
 * serve.h, serve.c and later.c (frames, and those that are answered later), module.c.
 *
 * The layout is that of docs/types.md; frames are those of docs/worker-protocol.md.
 */
#ifndef MARTLET_NATIVE_H
#define MARTLET_NATIVE_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the wire format is little-endian and values are copied as they are"
#endif

#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

static inline PyObject *mt_ref(PyObject *o)
{
    Py_INCREF(o);
    return o;
}

typedef __int128 mt_i128;

/* ---- types ------------------------------------------------------------------------------- */

typedef enum {
    MT_BOOLEAN, MT_TINYINT, MT_SMALLINT, MT_INT, MT_BIGINT, MT_FLOAT, MT_DOUBLE, MT_DECIMAL,
    MT_BIG_INTEGER, MT_BIG_DECIMAL, MT_CHAR, MT_VARCHAR, MT_BINARY, MT_VARBINARY, MT_PICKLED,
    MT_RAW, MT_DATE, MT_TIME, MT_TIMESTAMP, MT_TIMESTAMP_LTZ, MT_INSTANT, MT_INTERVAL_YM,
    MT_INTERVAL_DS, MT_ARRAY, MT_LIST, MT_MAP, MT_MULTISET, MT_ROW, MT_TUPLE, MT_NULL,
} mt_kind;

/* A parsed type; also the Python object `_native.Type`. Immutable once parsed. */
typedef struct mt_type {
    PyObject_HEAD
    mt_kind kind;
    bool nullable;
    int precision;             /* DECIMAL, TIME, TIMESTAMP…, and the length of CHAR … VARBINARY */
    int scale;                 /* DECIMAL */
    Py_ssize_t count;          /* children */
    struct mt_type **children; /* owned */
    PyObject *names;           /* ROW: list of str, shared with the rows that are decoded */
    PyObject *raw_class, *raw_snapshot; /* RAW */
    PyObject *text;            /* canonical text, made when first asked for */
} mt_type;

extern PyTypeObject mt_type_object;

/* Parses `text` (str), or returns a new reference to `text` if it is a Type already. Texts are
 * cached for the life of the process. */
mt_type *mt_type_from(PyObject *text);
/* Borrowed str such as "DECIMAL(10, 2) NOT NULL". NULL with an exception on lack of memory. */
PyObject *mt_type_text(mt_type *type);
/* How many buffers one column of this type has, itself and its children. */
Py_ssize_t mt_type_buffers(const mt_type *type);

/* ---- classes that are imported when a type first needs them -------------------------------- */

typedef struct {
    PyObject *row;              /* martlet.common.types.Row */
    PyObject *kinds[4];         /* RowKind members by value */
    Py_ssize_t slot_values, slot_fields, slot_from_dict, slot_kind; /* offsets, or -1: no slots */
    PyObject *decimal;          /* decimal.Decimal */
    PyObject *instant;          /* martlet.common.time.Instant */
    PyObject *output_tag;       /* martlet.datastream.output_tag.OutputTag */
    PyObject *dumps, *loads;    /* pickle's C functions */
    PyObject *cloud_dumps;      /* cloudpickle.dumps, when pickle refused a value */
} mt_lazy_t;

extern mt_lazy_t mt_lazy;

extern PyObject *mt_str_values, *mt_str_fields, *mt_str_from_dict, *mt_str_row_kind, *mt_str_value,
    *mt_str_seconds, *mt_str_nanos, *mt_str_tzinfo, *mt_str_items;

int mt_lazy_init(void);             /* interns names; imports nothing */
int mt_need_row(void);
int mt_need_decimal(void);
int mt_need_instant(void);
int mt_need_pickle(void);
int mt_need_output_tag(void);
int mt_need(const mt_type *type);   /* whatever this type and its children need */

/* A Row of these values (`values`: a list, stolen) as PyFlink's coder makes it. */
PyObject *mt_row_new(PyObject *values, PyObject *fields, int kind);
int mt_row_set_kind(PyObject *row, int kind);
bool mt_is_row(PyObject *value);
/* 0…3, or -1 with an exception. */
int mt_row_kind(PyObject *row);

PyObject *mt_pickle(PyObject *value);   /* bytes: pickle, or cloudpickle where that refuses */
PyObject *mt_unpickle(const uint8_t *data, Py_ssize_t length);

/* ---- reading ------------------------------------------------------------------------------- */

typedef struct mt_reader {
    mt_type *type; /* borrowed: the owner of the reader keeps it */
    PyObject *(*read)(struct mt_reader *, uint32_t row); /* new reference; NULL with an exception */
    const uint8_t *validity; /* NULL: nothing is null */
    const uint8_t *data;
    const uint8_t *offsets;
    uint32_t rows;
    bool ascii; /* every byte of `data` is ASCII */
    bool plain; /* TUPLE: reading the children runs no Python code */
    PyObject *spare; /* the last int, float or tuple: made over if nobody kept it (fresh.c) */
    Py_ssize_t count;
    struct mt_reader *children;
} mt_reader;

/* New values, in the memory of the reader's last one where only the reader still holds that. */
PyObject *mt_fresh_int(mt_reader *reader, int64_t value);
PyObject *mt_fresh_float(mt_reader *reader, double value);
PyObject *mt_fresh_tuple(mt_reader *reader);

int mt_reader_init(mt_reader *reader, mt_type *type);
void mt_reader_free(mt_reader *reader);

/* The buffer table of a body, checked: aligned, in order, inside the body. */
typedef struct {
    const uint8_t *body;
    size_t length;
    uint32_t rows, buffers, next; /* next: the buffer that is bound next */
    size_t previous_end;
} mt_body;

int mt_body_open(mt_body *body, const uint8_t *data, size_t length);
int mt_reader_bind(mt_reader *reader, mt_body *body, uint64_t rows);
int mt_body_close(mt_body *body); /* all buffers were claimed */

static inline bool mt_valid(const mt_reader *r, uint32_t i)
{
    return LIKELY(r->validity == NULL) || ((r->validity[i >> 3] >> (i & 7)) & 1);
}

/* Readers of single kinds that live in files of their own. */
PyObject *mt_read_decimal(mt_reader *, uint32_t);
PyObject *mt_read_big_decimal(mt_reader *, uint32_t);
PyObject *mt_read_date(mt_reader *, uint32_t);
PyObject *mt_read_time(mt_reader *, uint32_t);
PyObject *mt_read_timestamp(mt_reader *, uint32_t);
PyObject *mt_read_interval_ds(mt_reader *, uint32_t);
PyObject *mt_read_instant(mt_reader *, uint32_t);

/* ---- writing ------------------------------------------------------------------------------- */

typedef struct {
    uint8_t *data;
    size_t length, capacity;
} mt_buffer;

int mt_buffer_grow(mt_buffer *buffer, size_t more);
static inline int mt_buffer_reserve(mt_buffer *b, size_t more)
{
    return LIKELY(b->capacity - b->length >= more) ? 0 : mt_buffer_grow(b, more);
}

/* What went wrong in a writer, and where. Filled at the leaf, then by each enclosing value on the
 * way out; mt_raise turns it into an EncodeError. */
typedef struct {
    uint64_t bytes;      /* variable-length bytes in the columns so far */
    mt_type *expected;   /* borrowed; not NULL while an error is pending */
    PyObject *value;     /* owned */
    PyObject *cause;     /* owned exception or NULL */
    PyObject *detail;    /* owned str or NULL: said after "expected T, got …" */
    PyObject *path;      /* owned str or NULL */
} mt_encoding;

typedef struct mt_writer {
    mt_type *type; /* borrowed */
    int (*write)(struct mt_writer *, PyObject *value); /* never called with None */
    mt_encoding *encoding;
    uint32_t rows;
    bool has_nulls;      /* validity is kept from the first null on */
    bool exact;          /* PICKLED: see mt_writer_exact */
    size_t width;        /* fixed bytes that a row takes; what varies is in mt_encoding.bytes */
    mt_buffer validity, offsets, data;
    Py_ssize_t count;
    struct mt_writer *children;
} mt_writer;

int mt_writer_init(mt_writer *writer, mt_type *type, mt_encoding *encoding);
void mt_writer_free(mt_writer *writer);
void mt_writer_clear(mt_writer *writer); /* keeps the memory */
/* Pickles in this column are to be cloudpickle's own, byte for byte: Flink hashes them. */
void mt_writer_exact(mt_writer *writer);
int mt_write_null(mt_writer *writer);     /* also for a child of a null parent */
int mt_push_offset(mt_writer *writer, size_t offset);
/* Says that `value` does not fit; always -1. `format` may be NULL. A pending Python exception
 * becomes the cause. */
int mt_misfit(mt_writer *writer, PyObject *value, const char *format, ...);
/* Adds "field 'x'" and so on to the path of the pending misfit; always -1. */
int mt_inside(mt_writer *writer, const char *format, ...);
/* Raises the pending misfit as EncodeError; row < 0 if rows mean nothing to the reader. */
void mt_raise(mt_encoding *encoding, Py_ssize_t row);
void mt_encoding_clear(mt_encoding *encoding);
extern PyObject *mt_EncodeError, *mt_DecodeError;

static inline int mt_mark_valid(mt_writer *w)
{
    if (UNLIKELY(w->has_nulls)) {
        if ((w->rows & 7) == 0) {
            if (mt_buffer_reserve(&w->validity, 1) < 0) return -1;
            w->validity.data[w->validity.length++] = 0;
        }
        w->validity.data[w->rows >> 3] |= (uint8_t)(1u << (w->rows & 7));
    }
    w->rows++;
    return 0;
}

int mt_write_none(mt_writer *writer);
static inline int mt_write(mt_writer *w, PyObject *value)
{
    return UNLIKELY(value == Py_None) ? mt_write_none(w) : w->write(w, value);
}

static inline int mt_put(mt_writer *w, const void *value, size_t size)
{
    if (mt_buffer_reserve(&w->data, size) < 0) return -1;
    memcpy(w->data.data + w->data.length, value, size);
    w->data.length += size;
    return mt_mark_valid(w);
}

/* Appends the pickle of a plain value (pickles.c): 1, or 0 if it is not one; -1 with an exception. */
int mt_put_plain_pickle(mt_buffer *buffer, PyObject *value);
/* The same, but for scalars only, and exactly as pickle writes them in protocol 5. */
int mt_put_exact_pickle(mt_buffer *buffer, PyObject *value);
/* A plain value, or NULL without an exception: not one, ask pickle. */
PyObject *mt_read_plain_pickle(const uint8_t *data, Py_ssize_t length);

int mt_put_bytes(mt_writer *w, const void *data, Py_ssize_t length, PyObject *value);

int mt_write_decimal(mt_writer *, PyObject *);
int mt_write_big_decimal(mt_writer *, PyObject *);
int mt_write_date(mt_writer *, PyObject *);
int mt_write_time(mt_writer *, PyObject *);
int mt_write_timestamp(mt_writer *, PyObject *);
int mt_write_interval_ds(mt_writer *, PyObject *);
int mt_write_instant(mt_writer *, PyObject *);
int mt_write_array(mt_writer *, PyObject *);
int mt_write_map(mt_writer *, PyObject *);
int mt_write_row(mt_writer *, PyObject *);
int mt_write_tuple(mt_writer *, PyObject *);

size_t mt_fixed_size(const mt_type *type); /* of a value in the data buffer; 0 if it varies */
int mt_need_datetime(void);
void mt_temporal_millis(mt_kind kind, PyObject *value, int64_t *millis, int64_t *nanos);
bool mt_is_temporal(mt_kind kind, PyObject *value); /* exactly of the class that a reader makes */

/* ---- bodies -------------------------------------------------------------------------------- */

/* Lays columns out as a body. `size` first, then `copy` into memory of that size. */
size_t mt_layout_size(mt_writer **columns, Py_ssize_t count);
void mt_layout_copy(mt_writer **columns, Py_ssize_t count, uint32_t rows, uint8_t *out);

#define MT_MAX_BODY ((size_t)1 << 30)

PyObject *mt_encode(PyObject *, PyObject *, PyObject *);
PyObject *mt_decode(PyObject *, PyObject *, PyObject *);
PyObject *mt_decode_batch(PyObject *, PyObject *, PyObject *);
/* Columns of any types as lists, in a tuple; `types` is a tuple of Type. */
PyObject *mt_columns_read(PyObject *types, const uint8_t *data, size_t length);
PyObject *mt_encode_columns(PyObject *, PyObject *);
PyObject *mt_decode_columns(PyObject *, PyObject *);
int64_t mt_now_millis(void); /* the clock of processing time */
PyObject *mt_now(PyObject *, PyObject *);
PyObject *mt_hold_clock(PyObject *, PyObject *);
mt_type *mt_type_of_times(void);  /* BIGINT, borrowed */
mt_type *mt_type_of_kinds(void);  /* TINYINT NOT NULL, borrowed */

/* The value as it would come out of a column of this type; steals `value`. The fast kinds are
 * checked in place, all others travel through a column of one row. */
PyObject *mt_coerce(mt_type *type, PyObject *value, mt_encoding *encoding);

/* ---- keyed values --------------------------------------------------------------------------- */

enum { MT_SLOT_KNOWN = 1, MT_SLOT_DIRTY = 2 };

/* One state of one key. */
typedef struct {
    PyObject *value; /* NULL: nothing, or not known */
    uint8_t flags;   /* KNOWN: what the runtime holds does not matter; DIRTY: to be written back */
} mt_slot;

/* What is remembered of one key. There may be millions, so each field counts. */
typedef struct {
    PyObject_HEAD
    PyObject *key; /* the user's key where it is not the dictionary's, else NULL */
    uint32_t room; /* slots */
    bool dirty;    /* one of its slots is */
    bool touched;  /* used since the cache was last thinned out */
    bool written;  /* the runtime may hold something for the key */
    bool gone;     /* its store no longer has it */
    mt_slot slots[];
} mt_record;

/* The records of one keyed step, by key; also the Python object `_native.Store`. */
typedef struct mt_store {
    PyObject_HEAD
    PyObject *records;     /* dict: canonical key → mt_record, in the order of arrival */
    mt_record *spare;      /* for the next new key, so that one look-up finds or inserts */
    bool direct;           /* keys of the declared type are dictionary keys as they are */
    bool complete;         /* what is not here is nowhere */
    bool dirty;            /* one of its records is */
    uint32_t width;        /* slots of a new record */
    mt_record *current;    /* of the key at work; borrowed, NULL between rows */
    PyObject *current_key; /* borrowed */
    PyObject *held_key;    /* what keeps the key that Store.enter was given; or NULL */
    PyObject *load;        /* callable(key, slot): asks the runtime for one slot; or NULL */
    PyObject *prefetch;    /* callable(keys): asks it for what is not known of these; or NULL */
    PyObject *names;       /* list of str: of the slots, for messages; or NULL */
    size_t bytes;          /* about what the records take */
} mt_store;

extern PyTypeObject mt_record_object, mt_store_object, mt_cursor_object, mt_bucket_object,
    mt_value_state_object, mt_list_state_object, mt_map_state_object, mt_map_object;

mt_store *mt_store_new(const mt_type *key_type /* may be NULL */);
bool mt_keys_are_direct(const mt_type *key_type);
/* New reference: what stands for the key in dictionaries. */
PyObject *mt_canonical_key(bool direct, PyObject *key);
/* Borrowed; made if the key is new. */
mt_record *mt_store_record(mt_store *store, PyObject *key);
/* Makes `key` (borrowed: it must live until the next call) the one that states are about. */
int mt_store_enter(mt_store *store, PyObject *key);
void mt_store_leave(mt_store *store);
/* Drops the current record if there is nothing in it; no key is the current one then. */
int mt_store_forget(mt_store *store);
/* New reference: the number of one more slot, for a state of that name. */
PyObject *mt_store_declare(mt_store *store, PyObject *name);
/* Whether this is what a slot of a map state holds, with nothing in it. */
bool mt_map_is_empty(PyObject *value);
/* Asks the runtime for a slot of the current key that is not known. */
int mt_slot_load(mt_store *store, uint32_t slot);
/* Notes that a slot of the current key's record has changed. */
static inline void mt_store_mark(mt_store *store, uint32_t slot)
{
    store->current->slots[slot].flags |= MT_SLOT_DIRTY | MT_SLOT_KNOWN;
    store->current->dirty = store->dirty = true;
}
/* The user's key of a record that is in the dict under `canonical`; borrowed. */
PyObject *mt_record_key(PyObject *canonical, mt_record *record);
size_t mt_size_of(PyObject *value, int depth);
/* New list of tuples (user's key, record) in Flink's order of serialised keys. */
PyObject *mt_store_sorted(mt_store *store, mt_type *key_type);
/* Appends the key as Flink's serializer writes it. */
int mt_flink_key(mt_buffer *out, mt_type *key_type, PyObject *key);
PyObject *mt_flink_key_py(PyObject *, PyObject *);

/* ---- the stage ------------------------------------------------------------------------------ */

enum { MT_FLAG_LAST = 1, MT_FLAG_TIMESTAMPS = 2, MT_FLAG_KINDS = 4, MT_FLAG_SECOND = 8,
       MT_FLAG_PROCESSING = 16 };

typedef enum { MT_STEP_MAP, MT_STEP_FILTER, MT_STEP_FLAT_MAP, MT_STEP_KEY_BY, MT_STEP_REDUCE,
               MT_STEP_PARTITION, MT_STEP_EXCHANGE, MT_STEP_PROCESS, MT_STEP_CO_MAP,
               MT_STEP_CO_FLAT_MAP, MT_STEP_CO_PROCESS, MT_STEP_TIMESTAMP, MT_STEP_WINDOW,
               MT_STEP_ASYNC, MT_STEP_KEYED_INPUT } mt_step_kind;

/* A callable, taken apart once. */
typedef struct {
    PyObject *call;        /* the function; of a bound method its function; or NULL */
    PyObject *self;        /* of a bound method its object, else NULL */
    vectorcallfunc vector; /* of `call`, or NULL */
} mt_call;

typedef struct mt_timers mt_timers; /* timers.c */
typedef struct mt_window mt_window; /* window.c */
typedef struct mt_async mt_async;   /* async.h */

typedef struct {
    mt_step_kind kind;
    Py_ssize_t index;    /* in the steps that were given; -1: the stage's own */
    mt_call f;           /* the function */
    mt_call second;      /* CO_…: for rows of the second input */
    mt_call on_timer;    /* PROCESS, CO_PROCESS; may be absent */
    mt_type *value_type; /* KEY_BY, EXCHANGE: values are coerced to it; may be NULL */
    mt_type *key_type;   /* KEY_BY: keys are coerced; where keys are kept: their type */
    mt_store *store;     /* REDUCE, steps that sort, functions with keyed state */
    mt_store *windows;   /* window functions: records by (key, start, end); their timers have such
                          * keys, too */
    mt_type *timer_type; /* of these keys */
    mt_window *window;   /* WINDOW: how rows are put into windows without a call */
    bool sorts;          /* batch mode: rows wait for the end, and leave ordered by key */
    PyObject *contexts[3]; /* of process functions: for either input, and for timers */
    mt_timers *timers;   /* of keyed process functions */
    int64_t watermark;   /* a step is told of it before its timers fire, those after it later */
    PyObject *held;      /* list of (value, key, time or None): rows whose state is asked for; or NULL */
    bool released;       /* it has been */
} mt_step;

typedef struct mt_stage mt_stage;
/* Takes one body of output, with 16 writable bytes before it for a header; 0 or -1. `output`: 0 is
 * the main one, the others are the side outputs. */
typedef int (*mt_sink)(mt_stage *stage, void *context, uint8_t *body, size_t length, int flags,
                       int output);

/* Columns that fill up with results. */
typedef struct {
    int index;
    mt_type *type, *key_type; /* owned; key_type may be NULL */
    mt_writer value, key, time, kind;
    mt_encoding encoding;
    uint32_t rows;
    bool with_kinds; /* the rows so far have one that is not +I */
    size_t row_width;
} mt_output;

/* The columns of an input. */
typedef struct {
    mt_type *type, *key_type; /* owned; NULL: there is no such input, the rows have no key */
    mt_reader value, key;
} mt_input;

struct mt_stage {
    PyObject_HEAD
    mt_input inputs[2];
    mt_reader in_time, in_kind;
    mt_output *outputs; /* [0]: the main one */
    int output_count;
    PyObject *side;     /* dict: id of an OutputTag → int; NULL: there are no side outputs */
    mt_encoding encoding; /* of values that are coerced */
    Py_ssize_t count;
    mt_step *steps;
    bool batch;
    uint32_t batch_rows;
    int64_t watermark; /* that has passed all steps */
    bool sets_time;   /* a step assigns timestamps */
    mt_async *async;  /* the first step's results come later; or NULL */
    /* the frame at work */
    int input;        /* which one its rows come from */
    bool with_time;   /* its results have timestamps */
    bool time_known;  /* some frame had: so results at the end have, too */
    bool row_has_time;
    int64_t row_time;
    /* results do not wait for the rest of the frame behind a slow function */
    bool hurries;     /* it is served, and not called */
    uint32_t rows_since, rows_between; /* looks at the clock */
    int64_t looked_at, handed_over_at; /* ms of the coarse clock */
    mt_buffer frame;  /* 64 bytes of room, in which the header ends, then the body */
    mt_sink sink;
    void *sink_context;
    /* the failure, for the report */
    const char *failure; /* "user", "input", "output", "internal", or NULL */
    Py_ssize_t failure_step;
    PyObject *failure_record;
    uint64_t rows_in, rows_out;
};

extern PyTypeObject mt_stage_object;

int mt_stage_process(mt_stage *stage, const uint8_t *body, size_t length, int flags);
/* The rows of a frame, whose results stay in the columns unless these are full. */
int mt_stage_rows(mt_stage *stage, const uint8_t *body, size_t length, int flags);
/* Before results come that no frame brought. */
void mt_stage_start(mt_stage *stage);
/* Rows that wait for state go on, and no key is at work. */
int mt_stage_settle(mt_stage *stage);
/* Results that waited for the end of the input. */
int mt_stage_finish(mt_stage *stage);
/* Fires timers of a step: lists of keys and times, in order of time; and those that the functions
 * set meanwhile for no later than `bound`. */
int mt_stage_fire(mt_stage *stage, Py_ssize_t step, PyObject *keys, PyObject *times,
                  int64_t watermark, int64_t bound, bool processing);
/* The watermark has come to the steps up to this one. */
void mt_stage_advance(mt_stage *stage, Py_ssize_t last, int64_t watermark);
/* Borrowed: the type of the keys of a step with timers. */
mt_type *mt_stage_key_type(mt_stage *stage, Py_ssize_t step);
/* Hands over what is in the columns; without MT_FLAG_LAST, only if there is something. */
int mt_stage_flush(mt_stage *stage, int flags);

int mt_output_init(mt_output *output, int index);
void mt_output_free(mt_output *output);
void mt_output_clear(mt_output *output);
/* Adds a result, made by `step`. Steals nothing; `key` is NULL if the output has no keys. */
int mt_emit(mt_stage *stage, mt_output *output, Py_ssize_t step, PyObject *value, PyObject *key);
int mt_emit_aside(mt_stage *stage, Py_ssize_t step, PyObject *result);

/* Hands over what is there if some milliseconds have passed since it was done last. */
int mt_stage_look(mt_stage *stage);
void mt_stage_start_clock(mt_stage *stage);
static inline int mt_stage_hurry(mt_stage *s)
{
    if (LIKELY(++s->rows_since < s->rows_between) || !s->hurries) return 0;
    return mt_stage_look(s);
}

/* What run.c offers to timers.c and async.c: a timer, the results of a step that came to `value`. */
int mt_stage_run_timer(mt_stage *stage, Py_ssize_t step, PyObject *key, int64_t time);
/* And to sliding.c: one row from step `i` on, stolen; all results of the step before. */
int mt_stage_run_row(mt_stage *stage, Py_ssize_t i, PyObject *value, PyObject *key);
int mt_stage_run_each(mt_stage *stage, Py_ssize_t i, PyObject *results, PyObject *key);
int mt_stage_run_results(mt_stage *stage, Py_ssize_t step, PyObject *results, PyObject *value);
int mt_stage_failed(mt_stage *stage, const char *kind, Py_ssize_t step, PyObject *record);

/* ---- timers (timers.c) ---------------------------------------------------------------------- */

enum { MT_TIMER_DELETE = 1, MT_TIMER_PROCESSING = 2 };

extern PyTypeObject mt_context_object, mt_timer_service_object;

int mt_context_bind(PyObject *context, mt_stage *stage, Py_ssize_t step);
mt_timers *mt_timers_new(bool local);
void mt_timers_free(mt_timers *timers);
/* New list of (key, time, op) to be told to the runtime, and forgets them; NULL without an exception
 * if there are none. */
PyObject *mt_timers_take(mt_timers *timers);
int mt_timers_fire(mt_stage *stage, Py_ssize_t step, PyObject *keys, PyObject *times, int64_t bound,
                   bool processing);
/* Batch mode: fires all timers of the key at hand. */
int mt_timers_drain(mt_stage *stage, Py_ssize_t step, PyObject *key);

/* Sets or deletes a timer of a keyed step. */
int mt_timers_change(mt_step *step, PyObject *key, int64_t time, int op);

/* ---- windows (window.c) --------------------------------------------------------------------- */

int mt_window_parse(mt_step *step, PyObject *given);
void mt_window_free(mt_window *window);
/* Adds a row to its window, or to its pane of windows that slide. 1: done. 0: the row needs the
 * operator, as it is late or has no timestamp. -1 with an exception. */
int mt_window_add(mt_stage *stage, mt_step *step, PyObject *value, PyObject *key);
/* Whether this is a cursor (window.h) of a key that has nothing in its windows. */
bool mt_cursor_is_idle(PyObject *value);
/* Whether its windows slide over panes, and so fire without a call into the operator. */
bool mt_window_slides(const mt_step *step);
/* Fires a window that slides, (key, start, end), and those of all keys that wait for the same time. */
int mt_sliding_fire(mt_stage *stage, Py_ssize_t step, PyObject *window);
/* A barrier comes: timers that the step keeps for itself become the runtime's. */
int mt_sliding_hand_over(mt_step *step);
/* Asks the runtime for the windows that these rows (value, key, time) go into. */
int mt_window_prefetch(mt_step *step, PyObject *rows);
/* The same for windows that are to fire. */
int mt_window_prefetch_due(mt_step *step, PyObject *keys);

/* ---- calls ---------------------------------------------------------------------------------- */

static inline PyObject *mt_vectorcall(const mt_call *f, PyObject **args, size_t n)
{
    n |= PY_VECTORCALL_ARGUMENTS_OFFSET;
    if (UNLIKELY(f->vector == NULL)) return PyObject_Vectorcall(f->call, args, n, NULL);
    return f->vector(f->call, args, n, NULL);
}

static inline PyObject *mt_call1(const mt_call *f, PyObject *v)
{
    PyObject *args[3] = {NULL, f->self, v};
    return f->self ? mt_vectorcall(f, args + 1, 2) : mt_vectorcall(f, args + 2, 1);
}

static inline PyObject *mt_call2(const mt_call *f, PyObject *a, PyObject *b)
{
    PyObject *args[4] = {NULL, f->self, a, b};
    return f->self ? mt_vectorcall(f, args + 1, 3) : mt_vectorcall(f, args + 2, 2);
}

int mt_call_set(mt_call *f, PyObject *function, const char *kind);
void mt_call_clear(mt_call *f);

/* ---- frames --------------------------------------------------------------------------------- */

PyObject *mt_serve(PyObject *, PyObject *, PyObject *);
PyObject *mt_send(PyObject *, PyObject *);
PyObject *mt_request(PyObject *, PyObject *);
PyObject *mt_map_changes(PyObject *, PyObject *);
PyObject *mt_read_frame(PyObject *, PyObject *);
PyObject *mt_write_frame(PyObject *, PyObject *);
PyObject *mt_set_pdeathsig(PyObject *, PyObject *);

#endif
