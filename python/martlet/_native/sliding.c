/* Windows that slide over shared panes: when they fire, and what comes out.
 *
 * A key has one window to fire next, and the keys whose windows fire at the same time share a bucket.
 * The runtime has a timer for the first key of each bucket alone, so that a window costs neither a
 * timer nor a round trip. At a barrier it is told of the other keys, too, whose timers are its own
 * from then on. */
#include "window.h"

static void bucket_dealloc(mt_bucket *b)
{
    for (size_t i = 0; i < b->count; i++) Py_XDECREF(b->keys[i]);
    PyMem_Free(b->keys);
    PyObject_Free(b);
}

PyTypeObject mt_bucket_object = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "martlet._native.Bucket",
    .tp_basicsize = sizeof(mt_bucket),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_dealloc = (destructor)bucket_dealloc,
};

void mt_sliding_free(mt_window *w)
{
    mt_call_clear(&w->merge);
    mt_call_clear(&w->result);
    Py_XDECREF(w->order);
    Py_XDECREF(w->evaluate);
    Py_XDECREF(w->copy);
    Py_XDECREF(w->buckets);
}

/* ---- when ------------------------------------------------------------------------------------ */

/* The bucket of a window; made if need be. Borrowed. */
static mt_bucket *bucket_of(mt_window *w, int64_t start)
{
    if (LIKELY(w->last != NULL && w->last_start == start)) return (mt_bucket *)w->last;
    PyObject *number = PyLong_FromLongLong(start);
    mt_bucket *b = number ? (mt_bucket *)PyDict_GetItemWithError(w->buckets, number) : NULL;
    if (b == NULL && number != NULL && !PyErr_Occurred() &&
        (b = PyObject_New(mt_bucket, &mt_bucket_object)) != NULL) {
        b->keys = NULL;
        b->count = b->capacity = 0;
        int out = PyDict_SetItem(w->buckets, number, (PyObject *)b);
        Py_DECREF((PyObject *)b);
        if (out < 0) b = NULL;
    }
    Py_XDECREF(number);
    if (b == NULL) return NULL;
    w->last = (PyObject *)b;
    w->last_start = start;
    return b;
}

static int set_timer(mt_step *st, PyObject *key, int64_t start)
{
    mt_window *w = st->window;
    PyObject *window = mt_window_key(key, start, w->length);
    int out = window ? mt_timers_change(st, window, start + w->length - 1,
                                        w->processing ? MT_TIMER_PROCESSING : 0)
                     : -1;
    Py_XDECREF(window);
    return out;
}

/* Puts a key into the bucket of a window. */
static int schedule(mt_step *st, PyObject *key, int64_t start)
{
    mt_bucket *b = bucket_of(st->window, start);
    if (b == NULL) return -1;
    if (b->count == b->capacity) {
        size_t capacity = b->capacity ? 2 * b->capacity : 4;
        PyObject **grown = PyMem_Realloc(b->keys, capacity * sizeof *grown);
        if (grown == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        b->keys = grown;
        b->capacity = capacity;
    }
    b->keys[b->count++] = mt_ref(key);
    return b->count == 1 ? set_timer(st, key, start) : 0;
}

/* The first of the windows that a pane belongs to. */
static int64_t first_of(const mt_window *w, int64_t pane)
{
    return mt_start_of(pane + w->size - 1 - w->length + w->slide, w->offset, w->slide);
}

int mt_sliding_schedule(mt_step *st, mt_cursor *c, PyObject *key, int64_t pane)
{
    mt_window *w = st->window;
    int64_t first = first_of(w, pane);
    if (!w->processing)
        while (first + w->length - 1 <= st->watermark) first += w->slide;
    if (first <= c->fired) first = c->fired + w->slide;
    if (first < c->next)
        c->next = first;
    else {
        /* Each window that fires sees to the next one. So this one's turn comes if some window has the
         * pane before this in it, too; it must even if the cursor, which knows, has been dropped. */
        uint32_t i = c->end;
        while (i > c->first && c->panes[i - 1].start >= pane) i--;
        if (i > c->first && pane < mt_start_of(c->panes[i - 1].start, w->offset, w->slide) + w->length)
            return 0;
    }
    return schedule(st, key, first);
}

/* The bucket of a window, which is no longer in its place; NULL without an exception: there is none. */
static mt_bucket *take_bucket(mt_window *w, int64_t start)
{
    PyObject *number = PyLong_FromLongLong(start);
    mt_bucket *b = number ? (mt_bucket *)PyDict_GetItemWithError(w->buckets, number) : NULL;
    if (b != NULL) {
        Py_INCREF((PyObject *)b);
        if (PyDict_DelItem(w->buckets, number) < 0) Py_CLEAR(b);
        w->last = NULL;
    }
    Py_XDECREF(number);
    return b;
}

/* A barrier comes: the runtime is told of all keys that wait for a window. */
int mt_sliding_hand_over(mt_step *st)
{
    mt_window *w = st->window;
    PyObject *number, *bucket;
    Py_ssize_t at = 0;
    if (w == NULL || w->slide == 0) return 0;
    while (PyDict_Next(w->buckets, &at, &number, &bucket)) {
        mt_bucket *b = (mt_bucket *)bucket;
        int64_t start = PyLong_AsLongLong(number);
        for (size_t i = 1; i < b->count; i++) {
            if (mt_store_enter(st->store, b->keys[i]) < 0) return -1;
            mt_cursor *c = mt_cursor_of(st, false);
            bool waits = c == NULL ? !st->store->complete
                                   : c->next <= start || c->known_to < start + w->length;
            if (waits && set_timer(st, b->keys[i], start) < 0) return -1;
            if (mt_store_forget(st->store) < 0) return -1;
        }
    }
    w->last = NULL;
    PyDict_Clear(w->buckets);
    return 0;
}

/* ---- what ------------------------------------------------------------------------------------ */

static int evaluate(mt_stage *s, Py_ssize_t i, PyObject *key, int64_t start, PyObject *contents)
{
    mt_step *st = &s->steps[i];
    mt_window *w = st->window;
    if (w->evaluate == NULL) return mt_stage_run_row(s, i + 1, mt_ref(contents), key);
    PyObject *number = PyLong_FromLongLong(start);
    PyObject *args[4] = {NULL, key, number, contents};
    PyObject *r = number ? PyObject_Vectorcall(w->evaluate, args + 1, 3 | PY_VECTORCALL_ARGUMENTS_OFFSET,
                                               NULL)
                         : NULL;
    Py_XDECREF(number);
    if (r == NULL) return mt_stage_failed(s, "user", st->index, NULL);
    int out = mt_stage_run_each(s, i + 1, r, key);
    Py_DECREF(r);
    /* A function that has used the window's own state has made it the current one. */
    if (st->windows->current != NULL && mt_store_forget(st->windows) < 0 && out == 0)
        out = mt_stage_failed(s, "internal", st->index, NULL);
    return out;
}

/* Fires the window of the current key, and sees to the next one. */
static int fire(mt_stage *s, Py_ssize_t i, mt_cursor *c, PyObject *key, int64_t start)
{
    mt_step *st = &s->steps[i];
    mt_window *w = st->window;
    int out = -1;
    Py_INCREF((PyObject *)c);
    PyObject *contents = NULL;
    c->next = INT64_MAX;
    c->fired = start;
    if (c->known_to < start + w->length && mt_panes_know(st, c, key, start, start + w->length) < 0)
        goto internal;
    contents = mt_panes_contents(st, c, key, start);
    if (contents == NULL && PyErr_Occurred()) {
        mt_stage_failed(s, "user", st->index, NULL);
        goto done;
    }
    if (mt_panes_drop(st, c, key, start + w->slide) < 0) goto internal;
    if (c->first < c->end) {
        int64_t first = first_of(w, c->panes[c->first].start), next = start + w->slide;
        c->next = first > next ? first : next;
        if (schedule(st, key, c->next) < 0) goto internal;
    }
    s->row_time = start + w->length - 1;
    s->row_has_time = true;
    out = contents == NULL ? 0 : evaluate(s, i, key, start, contents);
    if (out == 0 && c->first == c->end && mt_store_forget(st->store) < 0) goto internal;
    goto done;
internal:
    out = mt_stage_failed(s, "internal", st->index, NULL);
done:
    Py_XDECREF(contents);
    Py_DECREF((PyObject *)c);
    return out;
}

static int fire_bucket(mt_stage *s, Py_ssize_t i, mt_bucket *b, int64_t start)
{
    mt_step *st = &s->steps[i];
    int out = 0;
    for (size_t j = 0; out == 0 && j < b->count; j++) {
        PyObject *key = b->keys[j];
        if (mt_store_enter(st->store, key) < 0) return mt_stage_failed(s, "internal", st->index, NULL);
        /* A key that the cache has dropped may have panes that are not known, one that has nothing
         * left has none; and a key may be there more than once. */
        mt_cursor *c = mt_cursor_of(st, !st->store->complete);
        if (c != NULL && c->fired < start &&
            (c->next == start || c->known_to < start + st->window->length))
            out = fire(s, i, c, key, start);
        else if (PyErr_Occurred())
            return mt_stage_failed(s, "internal", st->index, NULL);
        else if (mt_store_forget(st->store) < 0)
            return mt_stage_failed(s, "internal", st->index, NULL);
    }
    return out;
}

int mt_sliding_fire(mt_stage *s, Py_ssize_t i, PyObject *window)
{
    mt_step *st = &s->steps[i];
    PyObject *key = PyTuple_GET_ITEM(window, 0);
    int64_t start = PyLong_AsLongLong(PyTuple_GET_ITEM(window, 1));
    mt_bucket *b = take_bucket(st->window, start);
    if (b == NULL && PyErr_Occurred()) return mt_stage_failed(s, "internal", st->index, window);
    if (b != NULL) {
        int out = fire_bucket(s, i, b, start);
        Py_DECREF((PyObject *)b);
        if (out < 0) return out;
    }
    /* A timer of the key's own: from a barrier, or from before a restart. */
    if (mt_store_enter(st->store, key) < 0) return mt_stage_failed(s, "internal", st->index, window);
    mt_cursor *c = mt_cursor_of(st, !st->store->complete || !st->windows->complete);
    if (c == NULL && PyErr_Occurred()) return mt_stage_failed(s, "internal", st->index, window);
    if (c != NULL && c->fired < start) return fire(s, i, c, key, start);
    return mt_store_forget(st->store) < 0 ? mt_stage_failed(s, "internal", st->index, window) : 0;
}

/* The keys whose windows fire with this one, for which the runtime may have to be asked. */
int mt_sliding_missing(mt_step *st, PyObject *keys, PyObject *window)
{
    int64_t start = PyLong_AsLongLong(PyTuple_GET_ITEM(window, 1));
    PyObject *b = PyDict_GetItemWithError(st->window->buckets, PyTuple_GET_ITEM(window, 1));
    if (b == NULL && PyErr_Occurred()) return -1;
    for (size_t i = 0; b != NULL && i < ((mt_bucket *)b)->count; i++)
        if (mt_panes_missing(st, keys, ((mt_bucket *)b)->keys[i], start) < 0) return -1;
    return mt_panes_missing(st, keys, PyTuple_GET_ITEM(window, 0), start);
}
