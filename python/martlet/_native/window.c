/* Rows into windows of time, without a call into the operator: what tumbling windows, and windows
 * that slide over shared panes, do with a row that is not late. Windows that slide fire here, too
 * (sliding.c); the operator (worker/window) does the rest.
 *
 * The state is the operator's: a slot in the record of (key, start, end). */
#include "window.h"

static void cursor_dealloc(mt_cursor *c)
{
    Py_XDECREF((PyObject *)c->record);
    mt_panes_free(c);
    PyObject_Free(c);
}

PyTypeObject mt_cursor_object = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "martlet._native.Cursor",
    .tp_basicsize = sizeof(mt_cursor),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_dealloc = (destructor)cursor_dealloc,
};

bool mt_cursor_is_idle(PyObject *value)
{
    mt_cursor *c = (mt_cursor *)value;
    return Py_IS_TYPE(value, &mt_cursor_object) && c->first == c->end;
}

bool mt_window_slides(const mt_step *st)
{
    return st->window != NULL && st->window->slide > 0;
}

mt_cursor *mt_cursor_of(mt_step *st, bool make)
{
    mt_slot *at = &st->store->current->slots[st->window->cursor];
    if (LIKELY(at->value != NULL) || !make) return (mt_cursor *)at->value;
    mt_cursor *c = PyObject_Malloc(sizeof *c);
    if (c == NULL) return (mt_cursor *)PyErr_NoMemory();
    memset(c, 0, sizeof *c);
    PyObject_Init((PyObject *)c, &mt_cursor_object);
    c->start = c->fired = c->folded = c->back_end = INT64_MIN;
    c->next = INT64_MAX;
    c->known_to = st->store->complete && st->windows->complete ? INT64_MAX : INT64_MIN;
    st->store->bytes += sizeof *c;
    at->value = (PyObject *)c;
    return c;
}

void mt_window_free(mt_window *w)
{
    if (w == NULL) return;
    mt_call_clear(&w->fold);
    mt_call_clear(&w->create);
    mt_sliding_free(w);
    Py_XDECREF(w->type);
    mt_encoding_clear(&w->encoding);
    PyMem_Free(w);
}

static int parse_panes(mt_window *w, PyObject *order, PyObject *merge, PyObject *result,
                       PyObject *evaluate, PyObject *copy)
{
    if (w->length % w->size != 0 || w->slide % w->size != 0 || w->slide > w->length) {
        PyErr_SetString(PyExc_ValueError, "windows that slide consist of whole panes");
        return -1;
    }
    w->order = order == Py_None ? NULL : mt_ref(order);
    w->evaluate = evaluate == Py_None ? NULL : mt_ref(evaluate);
    w->copy = copy == Py_None ? NULL : mt_ref(copy);
    if ((w->buckets = PyDict_New()) == NULL) return -1;
    if (w->contents != MT_WINDOW_LIST && mt_call_set(&w->merge, merge, "window") < 0) return -1;
    return w->contents == MT_WINDOW_AGGREGATE ? mt_call_set(&w->result, result, "window") : 0;
}

/* Reads (size, offset, length, slide, lateness, processing, contents, type, slot, cursor, fold,
 * create, order, merge, result, evaluate, copy). */
int mt_window_parse(mt_step *st, PyObject *given)
{
    long long size, offset, length, slide, lateness;
    int processing;
    const char *kind;
    PyObject *type, *fold, *create, *order, *merge, *result, *evaluate, *copy;
    unsigned int slot, cursor;
    if (!PyTuple_Check(given)) {
        PyErr_SetString(PyExc_TypeError, "a window needs a tuple that says how rows are put into it");
        return -1;
    }
    if (!PyArg_ParseTuple(given, "LLLLLpsOIIOOOOOOO:window", &size, &offset, &length, &slide,
                          &lateness, &processing, &kind, &type, &slot, &cursor, &fold, &create, &order,
                          &merge, &result, &evaluate, &copy))
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
    w->contents = strcmp(kind, "list") == 0     ? MT_WINDOW_LIST
                  : strcmp(kind, "reduce") == 0 ? MT_WINDOW_REDUCE
                                                : MT_WINDOW_AGGREGATE;
    w->slot = slot;
    w->cursor = cursor;
    if (slide > 0 && parse_panes(w, order, merge, result, evaluate, copy) < 0) return -1;
    if ((w->type = mt_type_from(type)) == NULL || mt_need(w->type) < 0) return -1;
    if (w->contents != MT_WINDOW_LIST && mt_call_set(&w->fold, fold, "window") < 0) return -1;
    return w->contents == MT_WINDOW_AGGREGATE ? mt_call_set(&w->create, create, "window") : 0;
}

/* Times so far out that sums with them might overflow are left to the operator. */
static bool is_sane(int64_t time)
{
    return time > INT64_MIN / 4 && time < INT64_MAX / 4;
}

PyObject *mt_window_key(PyObject *key, int64_t start, int64_t size)
{
    PyObject *from = PyLong_FromLongLong(start), *to = from ? PyLong_FromLongLong(start + size) : NULL;
    PyObject *out = to ? PyTuple_Pack(3, key, from, to) : NULL;
    Py_XDECREF(from);
    Py_XDECREF(to);
    return out;
}

/* The record of a window. `made`: its key, if it was made; the window is the current one then. */
static mt_record *find(mt_step *st, mt_cursor *c, PyObject *key, int64_t start, PyObject **made)
{
    mt_window *w = st->window;
    if (LIKELY(c->start == start && c->record != NULL && !c->record->gone)) return c->record;
    if ((*made = mt_window_key(key, start, w->size)) == NULL) return NULL;
    if (mt_store_enter(st->windows, *made) < 0) return NULL;
    if (mt_slot_load(st->windows, w->slot) < 0) return NULL;
    Py_XSETREF(c->record, (mt_record *)mt_ref((PyObject *)st->windows->current));
    c->start = start;
    return c->record;
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
    if (w->contents == MT_WINDOW_REDUCE)
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

/* The timers of a window that has its first row. */
static int set_timers(mt_step *st, PyObject *window, int64_t start)
{
    mt_window *w = st->window;
    int op = w->processing ? MT_TIMER_PROCESSING : 0;
    int64_t last = start + w->size - 1;
    if (mt_timers_change(st, window, last, op) < 0) return -1;
    return w->lateness > 0 ? mt_timers_change(st, window, last + w->lateness, op) : 0;
}

/* 0, or -1 with an exception. */
static int add(mt_step *st, mt_record *r, PyObject *value)
{
    mt_window *w = st->window;
    mt_slot *at = &r->slots[w->slot];
    if ((w->contents == MT_WINDOW_LIST ? add_to_list(st, at, value) : add_to_one(st, at, value)) < 0)
        return -1;
    at->flags |= MT_SLOT_DIRTY | MT_SLOT_KNOWN;
    r->dirty = r->touched = st->windows->dirty = true;
    return 0;
}

static int add_to_window(mt_step *st, PyObject *value, PyObject *key, int64_t start)
{
    PyObject *made = NULL;
    mt_cursor *c = mt_cursor_of(st, true);
    mt_record *r = c ? find(st, c, key, start, &made) : NULL;
    bool first = r != NULL && r->slots[st->window->slot].value == NULL;
    int out = r != NULL && add(st, r, value) == 0 ? 1 : -1;
    if (UNLIKELY(first) && out == 1) {
        if (made == NULL && (made = mt_window_key(key, start, st->window->size)) == NULL) out = -1;
        if (out == 1 && set_timers(st, made, start) < 0) out = -1;
    }
    if (made != NULL) {
        mt_store_leave(st->windows);
        Py_DECREF(made);
    }
    return out;
}

static int add_to_pane(mt_step *st, PyObject *value, PyObject *key, int64_t start)
{
    bool added = false;
    mt_cursor *c = mt_cursor_of(st, true);
    mt_pane *p = c ? mt_pane_enter(st, c, key, start, &added) : NULL;
    if (p == NULL || add(st, p->record, value) < 0) return -1;
    mt_panes_changed(c, start);
    if (LIKELY(!added)) return 1;
    return mt_sliding_schedule(st, c, key, start) < 0 ? -1 : 1;
}

/* Whether all windows of a row of this time are over. */
static bool is_late(const mt_step *st, int64_t time)
{
    const mt_window *w = st->window;
    if (w->processing) return false;
    int64_t end = w->slide > 0 ? mt_start_of(time, w->offset, w->slide) + w->length
                               : mt_start_of(time, w->offset, w->size) + w->size;
    return end - 1 <= st->watermark;
}

int mt_window_add(mt_stage *s, mt_step *st, PyObject *value, PyObject *key)
{
    mt_window *w = st->window;
    int64_t time = w->processing ? mt_now_millis() : s->row_time;
    if (!w->processing && UNLIKELY(!s->row_has_time)) return 0;
    if (UNLIKELY(!is_sane(time) || value == Py_None)) return 0;
    if (UNLIKELY(is_late(st, time))) return 0;
    int64_t start = mt_start_of(time, w->offset, w->size);
    return w->slide > 0 ? add_to_pane(st, value, key, start) : add_to_window(st, value, key, start);
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
    PyObject *made = mt_window_key(key, start, size);
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
        if (is_sane(time) && !is_late(st, time))
            out = append_key(keys, PyTuple_GET_ITEM(row, 1), mt_start_of(time, w->offset, w->size), w->size);
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
    for (Py_ssize_t i = 0; out == 0 && i < PyList_GET_SIZE(due); i++)
        out = mt_sliding_missing(st, keys, PyList_GET_ITEM(due, i));
    if (out == 0) out = prefetch(st->windows, keys);
    Py_XDECREF(keys);
    return out;
}
