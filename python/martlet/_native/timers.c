/* Contexts of process functions, and the timers that these set.
 *
 * The runtime keeps the timers and says which are due. What stays here is what happens between two
 * of its words: timers set and deleted since the last answer, and those that a function sets while
 * timers fire and that are due at once. In batch mode, where a key's timers fire after its last row
 * and nothing outlives the key, they all stay here. */
#include "native.h"

typedef struct {
    int64_t time;
    uint64_t order;
    PyObject *key;       /* owned */
    PyObject *canonical; /* owned: (time, canonical key, domain) */
} timer;

struct mt_timers {
    bool local;      /* batch mode */
    PyObject *told;  /* list of (key, time, op), for the runtime */
    PyObject *last_key; /* what was appended last; borrowed from `told` */
    int64_t last_time;
    int last_op;
    /* while timers fire, or in batch mode */
    bool firing, processing;
    int64_t bound;
    uint64_t order;
    timer *heap;
    size_t count, capacity;
    PyObject *waiting; /* set: of those in the heap that have not been deleted */
    PyObject *due;     /* dict: of the runtime's list, those still to fire → True; made when needed */
    PyObject *keys, *times; /* the runtime's list; borrowed */
    Py_ssize_t at;     /* the first of them that has not fired */
};

mt_timers *mt_timers_new(bool local)
{
    mt_timers *t = PyMem_Calloc(1, sizeof *t);
    if (t == NULL || (t->told = PyList_New(0)) == NULL || (t->waiting = PySet_New(NULL)) == NULL) {
        if (t != NULL) mt_timers_free(t);
        if (!PyErr_Occurred()) PyErr_NoMemory();
        return NULL;
    }
    t->local = local;
    return t;
}

static void clear_heap(mt_timers *t)
{
    for (size_t i = 0; i < t->count; i++) {
        Py_DECREF(t->heap[i].key);
        Py_DECREF(t->heap[i].canonical);
    }
    t->count = 0;
    if (t->waiting != NULL) PySet_Clear(t->waiting);
    Py_CLEAR(t->due);
}

void mt_timers_free(mt_timers *t)
{
    if (t == NULL) return;
    clear_heap(t);
    Py_XDECREF(t->told);
    Py_XDECREF(t->waiting);
    PyMem_Free(t->heap);
    PyMem_Free(t);
}

PyObject *mt_timers_take(mt_timers *t)
{
    if (PyList_GET_SIZE(t->told) == 0) return NULL;
    PyObject *fresh = PyList_New(0), *told = t->told;
    if (fresh == NULL) return NULL;
    t->told = fresh;
    t->last_key = NULL;
    return told;
}

/* ---- the heap: by time, then in the order of registration -------------------------------------- */

static bool before(const timer *a, const timer *b)
{
    return a->time != b->time ? a->time < b->time : a->order < b->order;
}

static int push(mt_timers *t, int64_t time, PyObject *key, PyObject *canonical)
{
    if (t->count == t->capacity) {
        size_t capacity = t->capacity ? 2 * t->capacity : 16;
        timer *grown = PyMem_Realloc(t->heap, capacity * sizeof *grown);
        if (grown == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        t->heap = grown;
        t->capacity = capacity;
    }
    timer new = {time, t->order++, mt_ref(key), mt_ref(canonical)};
    size_t i = t->count++;
    for (; i > 0 && before(&new, &t->heap[(i - 1) / 2]); i = (i - 1) / 2)
        t->heap[i] = t->heap[(i - 1) / 2];
    t->heap[i] = new;
    return 0;
}

/* The caller owns what the timer refers to. */
static timer pop(mt_timers *t)
{
    timer first = t->heap[0], last = t->heap[--t->count];
    size_t i = 0, child;
    while ((child = 2 * i + 1) < t->count) {
        if (child + 1 < t->count && before(&t->heap[child + 1], &t->heap[child])) child++;
        if (!before(&t->heap[child], &last)) break;
        t->heap[i] = t->heap[child];
        i = child;
    }
    if (t->count > 0) t->heap[i] = last;
    return first;
}

/* (time, canonical key, domain): equal for the same timer. */
static PyObject *identity(mt_step *st, PyObject *key, int64_t time, bool processing)
{
    PyObject *canonical = mt_canonical_key(st->store->direct, key);
    return canonical ? Py_BuildValue("(LNi)", (long long)time, canonical, (int)processing) : NULL;
}

/* The rest of the runtime's list as a dictionary, since a function is about to change it. */
static int know_due(mt_step *st)
{
    mt_timers *t = st->timers;
    if (t->due != NULL || t->keys == NULL) return 0;
    if ((t->due = PyDict_New()) == NULL) return -1;
    for (Py_ssize_t i = t->at; i < PyList_GET_SIZE(t->keys); i++) {
        PyObject *id = identity(st, PyList_GET_ITEM(t->keys, i),
                                PyLong_AsLongLong(PyList_GET_ITEM(t->times, i)), t->processing);
        int out = id ? PyDict_SetItem(t->due, id, Py_True) : -1;
        Py_XDECREF(id);
        if (out < 0) return -1;
    }
    return 0;
}

/* 1: the timer is one of those dealt with here. 0: it is the runtime's. */
static int change_here(mt_step *st, PyObject *key, int64_t time, int op)
{
    mt_timers *t = st->timers;
    bool processing = op & MT_TIMER_PROCESSING;
    if (!t->local) {
        if (!t->firing || processing != t->processing || t->bound == INT64_MIN) return 0;
        /* The last of the list may be later than the bound. */
        Py_ssize_t n = PyList_GET_SIZE(t->times);
        int64_t last = n ? PyLong_AsLongLong(PyList_GET_ITEM(t->times, n - 1)) : INT64_MIN;
        if (time > t->bound && time > last) return 0;
    }
    if (know_due(st) < 0) return -1;
    PyObject *id = identity(st, key, time, processing);
    if (id == NULL) return -1;
    int out = -1, is_due = t->due ? PyDict_Contains(t->due, id) : 0;
    if (is_due < 0) goto done;
    if (!is_due && !t->local && time > t->bound) {
        Py_DECREF(id);
        return 0;
    }
    if (op & MT_TIMER_DELETE)
        out = is_due ? PyDict_SetItem(t->due, id, Py_False) : PySet_Discard(t->waiting, id) < 0 ? -1 : 0;
    else if (is_due)
        out = PyDict_SetItem(t->due, id, Py_True);
    else if ((out = PySet_Contains(t->waiting, id)) == 0)
        out = PySet_Add(t->waiting, id) < 0 ? -1 : push(t, time, key, id);
done:
    Py_DECREF(id);
    return out < 0 ? -1 : 1;
}

/* Fires those of the heap up to a time; `limit` itself only if `inclusive`. */
static int fire_heap(mt_stage *s, Py_ssize_t i, int64_t limit, bool inclusive)
{
    mt_timers *t = s->steps[i].timers;
    int out = 0;
    while (out == 0 && t->count > 0 &&
           (t->heap[0].time < limit || (inclusive && t->heap[0].time == limit))) {
        timer first = pop(t);
        int there = PySet_Discard(t->waiting, first.canonical);
        if (there < 0)
            out = mt_stage_failed(s, "internal", -1, NULL);
        else if (there) {
            if (t->local) t->processing = PyObject_IsTrue(PyTuple_GET_ITEM(first.canonical, 2));
            s->row_time = first.time;
            s->row_has_time = true;
            out = mt_stage_run_timer(s, i, first.key, first.time);
        }
        Py_DECREF(first.key);
        Py_DECREF(first.canonical);
    }
    return out;
}

static int fire(mt_stage *s, Py_ssize_t i)
{
    mt_step *st = &s->steps[i];
    mt_timers *t = st->timers;
    for (t->at = 0; t->at < PyList_GET_SIZE(t->keys);) {
        PyObject *key = PyList_GET_ITEM(t->keys, t->at);
        int64_t time = PyLong_AsLongLong(PyList_GET_ITEM(t->times, t->at));
        if (t->count > 0 && fire_heap(s, i, time, false) < 0) return -1;
        t->at++;
        if (t->due != NULL) {
            PyObject *id = identity(st, key, time, t->processing);
            PyObject *wanted = id ? PyDict_GetItemWithError(t->due, id) : NULL;
            bool skip = wanted == Py_False;
            if (id == NULL || (wanted == NULL && PyErr_Occurred()) || PyDict_DelItem(t->due, id) < 0) {
                Py_XDECREF(id);
                return mt_stage_failed(s, "internal", -1, NULL);
            }
            Py_DECREF(id);
            if (skip) continue;
        }
        s->row_time = time;
        s->row_has_time = true; /* the context tells it; results have it if it is event time */
        if (mt_stage_run_timer(s, i, key, time) < 0) return -1;
    }
    return fire_heap(s, i, t->bound, true);
}

int mt_timers_fire(mt_stage *s, Py_ssize_t i, PyObject *keys, PyObject *times, int64_t bound,
                   bool processing)
{
    mt_timers *t = s->steps[i].timers;
    t->firing = true;
    t->processing = processing;
    t->bound = bound;
    t->keys = keys;
    t->times = times;
    int out = fire(s, i);
    t->firing = false;
    t->keys = t->times = NULL;
    clear_heap(t);
    return out;
}

int mt_timers_drain(mt_stage *s, Py_ssize_t i, PyObject *key)
{
    mt_timers *t = s->steps[i].timers;
    int64_t before = s->steps[i].watermark;
    (void)key;
    s->steps[i].watermark = INT64_MAX;
    t->firing = true;
    int out = fire_heap(s, i, INT64_MAX, true);
    t->firing = false;
    s->steps[i].watermark = before;
    clear_heap(t);
    return out;
}

/* ---- what functions see -------------------------------------------------------------------------- */

typedef struct {
    PyObject_HEAD
    mt_stage *stage; /* borrowed: the stage outlives its functions' calls */
    Py_ssize_t step;
    PyObject *service;
} context;

static mt_step *step_of(context *c)
{
    if (c->stage == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "this context belongs to no running function");
        return NULL;
    }
    return &c->stage->steps[c->step];
}

int mt_context_bind(PyObject *o, mt_stage *stage, Py_ssize_t step)
{
    context *c = (context *)o;
    if (!PyObject_TypeCheck(o, &mt_context_object)) {
        PyErr_SetString(PyExc_TypeError, "a context of a process function must be a Context");
        return -1;
    }
    c->stage = stage;
    c->step = step;
    if (c->service == NULL) {
        context *service = (context *)mt_timer_service_object.tp_alloc(&mt_timer_service_object, 0);
        if (service == NULL) return -1;
        c->service = (PyObject *)service;
    }
    ((context *)c->service)->stage = stage;
    ((context *)c->service)->step = step;
    return 0;
}

static void context_dealloc(context *c)
{
    Py_XDECREF(c->service);
    Py_TYPE(c)->tp_free((PyObject *)c);
}

static PyObject *context_timestamp(context *c, PyObject *unused)
{
    (void)unused;
    if (step_of(c) == NULL) return NULL;
    /* Java's Long.MIN_VALUE is what PyFlink gives where there is none, whatever its page says. */
    return PyLong_FromLongLong(c->stage->row_has_time ? c->stage->row_time : INT64_MIN);
}

static PyObject *current_key(mt_step *st)
{
    PyObject *key = st->store ? st->store->current_key : NULL;
    if (key == NULL)
        PyErr_SetString(PyExc_RuntimeError,
                        "there is no current key: the stream is not keyed, or no row is at work");
    return key;
}

static PyObject *context_key(context *c, PyObject *unused)
{
    (void)unused;
    mt_step *st = step_of(c);
    PyObject *key = st ? current_key(st) : NULL;
    Py_XINCREF(key);
    return key;
}

static PyObject *context_window(context *c, PyObject *unused)
{
    (void)unused;
    mt_step *st = step_of(c);
    if (st == NULL) return NULL;
    if (st->windows != NULL && st->windows->current_key != NULL) return mt_ref(st->windows->current_key);
    PyErr_SetString(PyExc_RuntimeError, "there is no current window");
    return NULL;
}

static PyObject *context_hand_over(context *c, PyObject *unused)
{
    (void)unused;
    mt_step *st = step_of(c);
    if (st == NULL || mt_sliding_hand_over(st) < 0) return NULL;
    Py_RETURN_NONE;
}

static PyObject *context_service(context *c, PyObject *unused)
{
    (void)unused;
    if (step_of(c) == NULL) return NULL;
    return mt_ref(c->service);
}

static PyObject *context_fires_processing(context *c, void *unused)
{
    (void)unused;
    mt_step *st = step_of(c);
    if (st == NULL) return NULL;
    return PyBool_FromLong(st->timers != NULL && st->timers->processing);
}

static PyObject *context_watermark(context *c, void *unused)
{
    (void)unused;
    mt_step *st = step_of(c);
    return st ? PyLong_FromLongLong(st->watermark) : NULL;
}

static PyObject *context_set_time(context *c, PyObject *argument)
{
    if (step_of(c) == NULL) return NULL;
    long long time = PyLong_AsLongLong(argument);
    if (time == -1 && PyErr_Occurred()) return NULL;
    c->stage->row_time = time;
    c->stage->row_has_time = c->stage->with_time;
    Py_RETURN_NONE;
}

static PyMethodDef context_methods[] = {
    {"set_time", (PyCFunction)context_set_time, METH_O,
     "set_time(ms)\n\nThe timestamp of the results that follow."},
    {"timestamp", (PyCFunction)context_timestamp, METH_NOARGS,
     "timestamp() -> int\n\nOf the record or the timer at work, in ms; -2**63 if it has none."},
    {"get_current_key", (PyCFunction)context_key, METH_NOARGS,
     "get_current_key()\n\nThe key of the record or the timer at work."},
    {"get_current_window", (PyCFunction)context_window, METH_NOARGS,
     "get_current_window() -> (key, start, end)\n\nThe window whose timer fires."},
    {"hand_over", (PyCFunction)context_hand_over, METH_NOARGS,
     "hand_over()\n\nMakes all timers of the step the runtime's, since a barrier comes."},
    {"timer_service", (PyCFunction)context_service, METH_NOARGS,
     "timer_service() -> TimerService\n\nReads time and sets timers."},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef context_getset[] = {
    {"fires_processing", (getter)context_fires_processing, NULL,
     "Whether the timer that fires is one of processing time.", NULL},
    {"watermark", (getter)context_watermark, NULL, "The current watermark.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

PyTypeObject mt_context_object = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "martlet._native.Context",
    .tp_doc = "Context()\n\nWhat a process function sees of the call at work; a stage binds it.",
    .tp_basicsize = sizeof(context),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_new = PyType_GenericNew,
    .tp_dealloc = (destructor)context_dealloc,
    .tp_methods = context_methods,
    .tp_getset = context_getset,
};

static PyObject *service_watermark(context *c, PyObject *unused)
{
    (void)unused;
    mt_step *st = step_of(c);
    return st ? PyLong_FromLongLong(st->watermark) : NULL;
}

static PyObject *service_now(context *c, PyObject *unused)
{
    (void)c;
    (void)unused;
    return PyLong_FromLongLong(mt_now_millis());
}

int mt_timers_change(mt_step *st, PyObject *key, int64_t time, int op)
{
    mt_timers *t = st->timers;
    int here = change_here(st, key, time, op);
    if (here != 0) return here < 0 ? -1 : 0;
    /* A function that sets the same timer for row after row is not repeated. */
    if (key == t->last_key && time == t->last_time && op == t->last_op) return 0;
    PyObject *entry = Py_BuildValue("(OLi)", key, (long long)time, op);
    int out = entry ? PyList_Append(t->told, entry) : -1;
    Py_XDECREF(entry);
    if (out < 0) return -1;
    t->last_key = key;
    t->last_time = time;
    t->last_op = op;
    return 0;
}

/* `key`: whose timer it is; NULL: that of the row at work. */
static PyObject *change(context *c, PyObject *key, PyObject *argument, int op)
{
    mt_step *st = step_of(c);
    if (st == NULL) return NULL;
    if (st->timers == NULL || st->store == NULL) {
        PyErr_SetString(PyExc_RuntimeError,
                        op & MT_TIMER_DELETE ? "Deleting timers is only supported on a keyed streams."
                                             : "Register timers is only supported on a keyed stream.");
        return NULL;
    }
    if (key == NULL && (key = current_key(st)) == NULL) return NULL;
    if (!PyLong_Check(argument)) {
        PyErr_Format(PyExc_TypeError, "the time of a timer is an int of milliseconds, not %s %R",
                     Py_TYPE(argument)->tp_name, argument);
        return NULL;
    }
    long long time = PyLong_AsLongLong(argument);
    if (time == -1 && PyErr_Occurred()) return NULL;
    if (mt_timers_change(st, key, time, op) < 0) return NULL;
    Py_RETURN_NONE;
}

static PyObject *register_event(context *c, PyObject *time) { return change(c, NULL, time, 0); }
static PyObject *delete_event(context *c, PyObject *time)
{
    return change(c, NULL, time, MT_TIMER_DELETE);
}
static PyObject *register_processing(context *c, PyObject *time)
{
    return change(c, NULL, time, MT_TIMER_PROCESSING);
}
static PyObject *delete_processing(context *c, PyObject *time)
{
    return change(c, NULL, time, MT_TIMER_PROCESSING | MT_TIMER_DELETE);
}

static PyObject *change_window(context *c, PyObject *args)
{
    PyObject *key, *time;
    int op;
    if (!PyArg_ParseTuple(args, "O!Oi:change_window", &PyTuple_Type, &key, &time, &op)) return NULL;
    mt_step *st = step_of(c);
    if (st == NULL) return NULL;
    if (st->windows == NULL || PyTuple_GET_SIZE(key) != 3 || op < 0 || op > 3) {
        PyErr_SetString(PyExc_ValueError, "timers of windows belong to window functions, and have a "
                                          "key (key, start, end)");
        return NULL;
    }
    return change(c, key, time, op);
}

static PyMethodDef service_methods[] = {
    {"current_watermark", (PyCFunction)service_watermark, METH_NOARGS,
     "current_watermark() -> int\n\nIn ms; -2**63 before the first one."},
    {"current_processing_time", (PyCFunction)service_now, METH_NOARGS,
     "current_processing_time() -> int\n\nThe machine's clock, in ms since the epoch."},
    {"register_event_time_timer", (PyCFunction)register_event, METH_O,
     "register_event_time_timer(timestamp)\n\nFires when the watermark has passed the time."},
    {"delete_event_time_timer", (PyCFunction)delete_event, METH_O,
     "delete_event_time_timer(timestamp)\n\nNothing happens if there is no such timer."},
    {"register_processing_time_timer", (PyCFunction)register_processing, METH_O,
     "register_processing_time_timer(timestamp)\n\nFires when the clock has passed the time."},
    {"delete_processing_time_timer", (PyCFunction)delete_processing, METH_O,
     "delete_processing_time_timer(timestamp)\n\nNothing happens if there is no such timer."},
    {"change_window", (PyCFunction)change_window, METH_VARARGS,
     "change_window((key, start, end), time, op)\n\nSets (op 0) or deletes (1) a timer of a window; "
     "of processing time if 2 is added."},
    {NULL, NULL, 0, NULL},
};

PyTypeObject mt_timer_service_object = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "martlet._native.TimerService",
    .tp_doc = "Reads time and sets timers for the key at work.",
    .tp_basicsize = sizeof(context),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_dealloc = (destructor)context_dealloc,
    .tp_methods = service_methods,
};
