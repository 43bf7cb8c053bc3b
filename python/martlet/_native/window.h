/* What the files of windows share: window.c (rows into windows), panes.c (the panes of a key),
 * pane_values.c (what panes come to) and sliding.c (windows that fire over them). */
#ifndef MARTLET_WINDOW_H
#define MARTLET_WINDOW_H

#include "native.h"

typedef enum { MT_WINDOW_LIST, MT_WINDOW_REDUCE, MT_WINDOW_AGGREGATE } mt_window_contents;

/* The keys that have a window to fire at the same time, in the order in which they came. The first
 * one's timer is the runtime's; when it fires, all do. */
typedef struct {
    PyObject_HEAD
    PyObject **keys; /* owned */
    size_t count, capacity;
} mt_bucket;

struct mt_window {
    int64_t size, offset;  /* of what rows are put into: windows, or panes */
    int64_t length, slide; /* of the windows that slide over the panes; 0: there are no panes */
    int64_t lateness;
    bool processing;
    mt_window_contents contents;
    mt_call fold, create; /* reduce(a, b), or add(value, accumulator) and create_accumulator() */
    mt_type *type;        /* of the contents, or of an element */
    uint32_t slot;        /* in the record of the window or the pane */
    uint32_t cursor;      /* in the record of the key */
    mt_encoding encoding;
    /* of panes */
    PyObject *order;      /* LIST: an iterator of numbers that go in front of the elements */
    mt_call merge;        /* REDUCE, AGGREGATE: one of two, of which the first is older */
    mt_call result;       /* AGGREGATE: get_result(accumulator) */
    PyObject *evaluate;   /* callable(key, start, contents) → results; NULL: the contents are it */
    PyObject *copy;       /* callable(value): a fold may change what it is given; NULL: it cannot */
    PyObject *buckets;    /* dict: start of a window → mt_bucket */
    PyObject *last;       /* that was added to; borrowed from `buckets` */
    int64_t last_start;
};

/* A pane of a key that has something in it. */
typedef struct {
    int64_t start;
    mt_record *record; /* owned; of no use once it is gone from its store */
    PyObject *suffix;  /* what this pane and those behind it come to, up to `folded`; or NULL */
} mt_pane;

/* In the record of a key: where its last row went (window.c), or its panes. Nothing but a cache: what
 * is here can be found again in the store of the windows. */
typedef struct {
    PyObject_HEAD
    /* tumbling */
    int64_t start;
    mt_record *record; /* owned; or NULL */
    /* panes, by time */
    mt_pane *panes;
    uint32_t first, end, capacity; /* those in use: [first, end) */
    int64_t known_to; /* there are no others before this time */
    int64_t next;     /* start of the window that is to fire next, INT64_MAX: none */
    int64_t fired;    /* start of the last one that did */
    /* Two stacks: panes before `folded` have what they and the rest of these come to, `back` is what
     * the panes from there to `back_end` come to. */
    int64_t folded, back_end;
    PyObject *back;
    PyObject *total;  /* what the window that fired last came to, if nothing has changed; or NULL */
} mt_cursor;

/* The largest multiple of `size`, plus `offset`, that is not after `time`. */
static inline int64_t mt_start_of(int64_t time, int64_t offset, int64_t size)
{
    int64_t into = (time - offset) % size;
    return time - (into < 0 ? into + size : into);
}

/* New reference: (key, start, end). */
PyObject *mt_window_key(PyObject *key, int64_t start, int64_t size);
/* The cursor in the current key's record; made if `make`. NULL without an exception: there is none. */
mt_cursor *mt_cursor_of(mt_step *st, bool make);

/* ---- panes.c */
/* Makes known the pane in which a row falls. `added`: it was not. */
mt_pane *mt_pane_enter(mt_step *st, mt_cursor *c, PyObject *key, int64_t start, bool *added);
/* Makes known all panes of a window of a key. */
int mt_panes_know(mt_step *st, mt_cursor *c, PyObject *key, int64_t start, int64_t end);
/* What a pane holds: borrowed. */
PyObject *mt_pane_value(mt_step *st, PyObject *key, mt_pane *p);
/* Forgets the panes before a time. */
int mt_panes_drop(mt_step *st, mt_cursor *c, PyObject *key, int64_t before);
void mt_panes_free(mt_cursor *c);
/* Appends the keys of panes of a window that the runtime has to be asked for. */
int mt_panes_missing(mt_step *st, PyObject *keys, PyObject *key, int64_t start);

/* ---- pane_values.c */
/* A row has changed a pane: what was folded of it is of no use. */
void mt_panes_changed(mt_cursor *c, int64_t start);
/* New reference: the elements of the panes of a window, or what these come to; NULL without an
 * exception: there is nothing. */
PyObject *mt_panes_contents(mt_step *st, mt_cursor *c, PyObject *key, int64_t start);

/* ---- sliding.c */
/* Sees to it that the first window of a new pane fires. */
int mt_sliding_schedule(mt_step *st, mt_cursor *c, PyObject *key, int64_t pane);
/* Appends the keys of the panes that the runtime has to be asked for before a window's timer fires. */
int mt_sliding_missing(mt_step *st, PyObject *keys, PyObject *window);
void mt_sliding_free(mt_window *w);

#endif
