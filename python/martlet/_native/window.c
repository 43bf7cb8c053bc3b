/* Rows into windows of time, without a call into the operator: what tumbling windows, and windows
 * that slide over shared panes, do with a row that is not late. The operator (worker/window) does
 * the rest: late rows, and what happens when a window's timer fires.
 *
 * The state is the operator's: a slot in the record of (key, start, end). */
#include "native.h"

typedef enum { LIST, REDUCE, AGGREGATE } contents;

struct mt_window {
    int64_t size, offset; /* of what rows are put into: windows, or panes */
    int64_t length, slide; /* of the windows that slide over the panes; 0: there are no panes */
    int64_t lateness;
    bool processing;
    contents contents;
    mt_call fold, create; /* reduce(a, b), or add(value, accumulator) and create_accumulator() */
    PyObject *order;      /* LIST over panes: an iterator of numbers that go in front of the elements */
    mt_type *type;        /* of the contents, or of an element */
    uint32_t slot;        /* in the record of the window or the pane */
    uint32_t cursor;      /* in the record of the key */
    mt_encoding encoding;
};

typedef struct {
    int64_t start;
    mt_record *record; /* owned; of no use once it is gone from its store; NULL: there is none, as
                        * long as the store is complete, since only rows make some */
} place;

/* Where the last rows of a key went: a window, or as many panes as a window has. */
typedef struct {
    PyObject_HEAD
    uint32_t count;
    place places[];
} cursor;

enum { MOST_PLACES = 256 };

static void cursor_dealloc(cursor *c)
{
    for (uint32_t i = 0; i < c->count; i++) Py_XDECREF(c->places[i].record);
    PyObject_Free(c);
}

static place *place_of(const mt_window *w, cursor *c, int64_t start)
{
    if (c->count == 1) return &c->places[0];
    int64_t number = (start - w->offset % w->size) / w->size % c->count;
    return &c->places[number < 0 ? number + c->count : number];
}

PyTypeObject mt_cursor_object = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "martlet._native.Cursor",
    .tp_basicsize = sizeof(cursor),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_dealloc = (destructor)cursor_dealloc,
};

void mt_window_free(mt_window *w)
{
    if (w == NULL) return;
    mt_call_clear(&w->fold);
    mt_call_clear(&w->create);
    Py_XDECREF(w->order);
    Py_XDECREF(w->type);
    mt_encoding_clear(&w->encoding);
    PyMem_Free(w);
}

/* Reads (size, offset, length, slide, lateness, processing, contents, type, slot, cursor, fold,
 * create, order). */
int mt_window_parse(mt_step *st, PyObject *given)
{
    long long size, offset, length, slide, lateness;
    int processing;
    const char *kind;
    PyObject *type, *fold, *create, *order;
    unsigned int slot, cursor;
    if (!PyTuple_Check(given)) {
        PyErr_SetString(PyExc_TypeError, "a window needs a tuple that says how rows are put into it");
        return -1;
    }
    if (!PyArg_ParseTuple(given, "LLLLLpsOIIOOO:window", &size, &offset, &length, &slide, &lateness,
                          &processing, &kind, &type, &slot, &cursor, &fold, &create, &order))
        return -1;
    if (st->store == NULL || st->windows == NULL || size <= 0 || slot >= st->windows->width ||
        cursor >= st->store->width) {
        PyErr_SetString(PyExc_ValueError, "a window needs its stores, a size and slots in them");
        return -1;
    }
    mt_window *w = st->window = PyMem_Calloc(1, sizeof *w);
    if (w == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    w->size = size;
    w->offset = offset;
    w->length = length;
    w->slide = slide;
    w->lateness = lateness;
    w->processing = processing;
    w->contents = strcmp(kind, "list") == 0 ? LIST : strcmp(kind, "reduce") == 0 ? REDUCE : AGGREGATE;
    w->slot = slot;
    w->cursor = cursor;
    if (order != Py_None) w->order = mt_ref(order);
    if ((w->type = mt_type_from(type)) == NULL || mt_need(w->type) < 0) return -1;
    if (w->contents != LIST && mt_call_set(&w->fold, fold, "window") < 0) return -1;
    return w->contents == AGGREGATE ? mt_call_set(&w->create, create, "window") : 0;
}

/* The largest multiple of `size`, plus `offset`, that is not after `time`. */
static int64_t start_of(int64_t time, int64_t offset, int64_t size)
{
    int64_t into = (time - offset) % size;
    return time - (into < 0 ? into + size : into);
}

/* Times so far out that sums with them might overflow are left to the operator. */
static bool is_sane(int64_t time)
{
    return time > INT64_MIN / 4 && time < INT64_MAX / 4;
}

static PyObject *window_key(PyObject *key, int64_t start, int64_t size)
{
    return Py_BuildValue("(OLL)", key, (long long)start, (long long)(start + size));
}

/* The record of a window or a pane; makes it the current one. `made`: its key, if it was made. */
static mt_record *find(mt_step *st, PyObject *key, int64_t start, PyObject **made)
{
    mt_window *w = st->window;
    mt_slot *at = &st->store->current->slots[w->cursor];
    cursor *c = (cursor *)at->value;
    place *p = c ? place_of(w, c, start) : NULL;
    if (LIKELY(p != NULL && p->record != NULL && p->start == start && !p->record->gone)) return p->record;
    if ((*made = window_key(key, start, w->size)) == NULL) return NULL;
    if (mt_store_enter(st->windows, *made) < 0) return NULL;
    if (mt_slot_load(st->windows, w->slot) < 0) return NULL;
    if (c == NULL) {
        int64_t n = w->slide > 0 && w->length / w->size <= MOST_PLACES ? w->length / w->size : 1;
        size_t room = sizeof(cursor) + (size_t)n * sizeof(place);
        if ((c = PyObject_Malloc(room)) == NULL) return (mt_record *)PyErr_NoMemory();
        memset(c, 0, room);
        PyObject_Init((PyObject *)c, &mt_cursor_object);
        c->count = (uint32_t)n;
        for (int64_t i = 0; i < n; i++) c->places[i].start = INT64_MIN;
        at->value = (PyObject *)c;
        st->store->bytes += room;
        p = place_of(w, c, start);
    }
    Py_XSETREF(p->record, (mt_record *)mt_ref((PyObject *)st->windows->current));
    p->start = start;
    return p->record;
}

static int add_to_list(mt_step *st, mt_slot *at, PyObject *value)
{
    mt_window *w = st->window;
    if (value == Py_None) {
        PyErr_SetString(PyExc_TypeError, "a window cannot hold None");
        return -1;
    }
    if (at->value == NULL && (at->value = PyList_New(0)) == NULL) return -1;
    PyObject *kept = mt_ref(value);
    if (w->order != NULL) {
        PyObject *number = PyIter_Next(w->order);
        Py_SETREF(kept, number ? PyTuple_Pack(2, number, kept) : NULL);
        Py_XDECREF(number);
    }
    if (kept != NULL) kept = mt_coerce(w->type, kept, &w->encoding);
    int out = kept ? PyList_Append(at->value, kept) : -1;
    if (out == 0) st->windows->bytes += 8 + mt_size_of(kept, 1);
    Py_XDECREF(kept);
    return out;
}

static PyObject *create(mt_window *w)
{
    return w->create.self ? PyObject_CallOneArg(w->create.call, w->create.self)
                          : PyObject_CallNoArgs(w->create.call);
}

static int add_to_one(mt_step *st, mt_slot *at, PyObject *value)
{
    mt_window *w = st->window;
    PyObject *kept;
    bool first = at->value == NULL;
    if (w->contents == REDUCE)
        kept = first ? mt_ref(value) : mt_call2(&w->fold, at->value, value);
    else {
        PyObject *before = first ? create(w) : mt_ref(at->value);
        if (before == NULL) return -1;
        kept = mt_call2(&w->fold, value, before);
        Py_DECREF(before);
    }
    if (kept == Py_None) Py_CLEAR(kept); /* as a state does */
    else if (kept == NULL || (kept = mt_coerce(w->type, kept, &w->encoding)) == NULL) return -1;
    if (first) st->windows->bytes += mt_size_of(kept, 0);
    Py_XSETREF(at->value, kept);
    return 0;
}

/* The timers of a window that has its first row; of panes, the first window that needs one: each
 * that fires sees to the next. */
static int set_timers(mt_step *st, PyObject *key, PyObject *window, int64_t start, int64_t watermark)
{
    mt_window *w = st->window;
    int op = w->processing ? MT_TIMER_PROCESSING : 0;
    int64_t last = start + w->size - 1;
    if (w->slide == 0) {
        if (mt_timers_change(st, window, last, op) < 0) return -1;
        return w->lateness > 0 ? mt_timers_change(st, window, last + w->lateness, op) : 0;
    }
    int64_t first = start_of(last - w->length + w->slide, w->offset, w->slide);
    while (!w->processing && first + w->length - 1 <= watermark) first += w->slide;
    PyObject *over = window_key(key, first, w->length);
    int out = over ? mt_timers_change(st, over, first + w->length - 1, op) : -1;
    Py_XDECREF(over);
    return out;
}

int mt_window_add(mt_stage *s, mt_step *st, PyObject *value, PyObject *key)
{
    mt_window *w = st->window;
    int64_t time = w->processing ? mt_now_millis() : s->row_time;
    if (!w->processing && UNLIKELY(!s->row_has_time)) return 0;
    if (UNLIKELY(!is_sane(time) || value == Py_None)) return 0;
    int64_t start = start_of(time, w->offset, w->size);
    /* The end of the last window that the row belongs to. */
    int64_t end = w->slide > 0 ? start_of(time, w->offset, w->slide) + w->length : start + w->size;
    if (!w->processing && UNLIKELY(end - 1 <= st->watermark)) return 0;
    PyObject *made = NULL;
    int out = -1;
    mt_record *r = find(st, key, start, &made);
    if (r == NULL) goto done;
    mt_slot *at = &r->slots[w->slot];
    bool first = at->value == NULL;
    if ((w->contents == LIST ? add_to_list(st, at, value) : add_to_one(st, at, value)) < 0) goto done;
    at->flags |= MT_SLOT_DIRTY | MT_SLOT_KNOWN;
    r->dirty = r->touched = st->windows->dirty = true;
    out = 1;
    if (UNLIKELY(first)) {
        if (made == NULL && (made = window_key(key, start, w->size)) == NULL) out = -1;
        if (out == 1 && set_timers(st, key, made, start, st->watermark) < 0) out = -1;
    }
done:
    if (made != NULL) {
        mt_store_leave(st->windows);
        Py_DECREF(made);
    }
    return out;
}

/* The contents of the panes of a window of the current key; None where there is nothing. */
PyObject *mt_window_panes(mt_step *st)
{
    mt_window *w = st->window;
    PyObject *window = st->windows->current_key;
    if (w == NULL || w->slide == 0 || window == NULL || st->store->current == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "there is no current window, or it has no panes");
        return NULL;
    }
    PyObject *key = PyTuple_GET_ITEM(window, 0);
    int64_t start = PyLong_AsLongLong(PyTuple_GET_ITEM(window, 1));
    cursor *c = (cursor *)st->store->current->slots[w->cursor].value;
    Py_ssize_t n = w->length / w->size;
    PyObject *out = PyList_New(n);
    for (Py_ssize_t i = 0; out != NULL && i < n; i++, start += w->size) {
        place *p = c ? place_of(w, c, start) : NULL;
        bool here = p != NULL && p->start == start;
        mt_record *r = here ? p->record : NULL;
        if ((r == NULL && !(here && st->windows->complete)) || (r != NULL && r->gone)) {
            PyObject *own = window_key(key, start, w->size);
            PyObject *canonical = own ? mt_canonical_key(st->windows->direct, own) : NULL;
            r = canonical ? (mt_record *)PyDict_GetItemWithError(st->windows->records, canonical) : NULL;
            Py_XDECREF(canonical);
            Py_XDECREF(own);
            if (r == NULL && p != NULL && c->count == n) {
                Py_CLEAR(p->record);
                p->start = start;
            }
        }
        PyObject *value = r ? r->slots[w->slot].value : NULL;
        PyList_SET_ITEM(out, i, mt_ref(value ? value : Py_None));
        if (r == NULL && PyErr_Occurred()) Py_CLEAR(out);
    }
    return out;
}

/* ---- what the runtime is asked for ------------------------------------------------------------- */

static int prefetch(mt_store *windows, PyObject *keys)
{
    PyObject *done = PyObject_CallOneArg(windows->prefetch, keys);
    Py_XDECREF(done);
    return done ? 0 : -1;
}

static int append_key(PyObject *keys, PyObject *key, int64_t start, int64_t size)
{
    PyObject *made = window_key(key, start, size);
    int out = made ? PyList_Append(keys, made) : -1;
    Py_XDECREF(made);
    return out;
}

int mt_window_prefetch(mt_step *st, PyObject *rows)
{
    mt_window *w = st->window;
    if (st->windows->complete || st->windows->prefetch == NULL) return 0;
    PyObject *keys = PyList_New(0);
    int out = keys ? 0 : -1;
    int64_t now = mt_now_millis();
    for (Py_ssize_t i = 0; out == 0 && i < PyList_GET_SIZE(rows); i++) {
        PyObject *row = PyList_GET_ITEM(rows, i), *at = PyTuple_GET_ITEM(row, 2);
        if (!w->processing && at == Py_None) continue;
        int64_t time = w->processing ? now : PyLong_AsLongLong(at);
        if (is_sane(time))
            out = append_key(keys, PyTuple_GET_ITEM(row, 1), start_of(time, w->offset, w->size), w->size);
    }
    if (out == 0) out = prefetch(st->windows, keys);
    Py_XDECREF(keys);
    return out;
}

int mt_window_prefetch_due(mt_step *st, PyObject *due)
{
    mt_window *w = st->window;
    if (st->windows->complete || st->windows->prefetch == NULL) return 0;
    if (w == NULL || w->slide == 0) return prefetch(st->windows, due);
    PyObject *keys = PyList_New(0);
    int out = keys ? 0 : -1;
    for (Py_ssize_t i = 0; out == 0 && i < PyList_GET_SIZE(due); i++) {
        PyObject *window = PyList_GET_ITEM(due, i);
        int64_t start = PyLong_AsLongLong(PyTuple_GET_ITEM(window, 1));
        for (int64_t at = start; out == 0 && at < start + w->length; at += w->size)
            out = append_key(keys, PyTuple_GET_ITEM(window, 0), at, w->size);
    }
    if (out == 0) out = prefetch(st->windows, keys);
    Py_XDECREF(keys);
    return out;
}
