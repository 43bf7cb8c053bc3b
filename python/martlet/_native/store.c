/* The records of a keyed step as Python sees them: what is asked of the runtime, what has changed
 * since it was told last, and what is forgotten. */
#include "native.h"

static void store_dealloc(mt_store *s)
{
    Py_XDECREF(s->records);
    Py_XDECREF(s->load);
    Py_XDECREF(s->prefetch);
    Py_XDECREF(s->names);
    Py_XDECREF(s->held_key);
    Py_XDECREF((PyObject *)s->spare);
    Py_TYPE(s)->tp_free((PyObject *)s);
}

static PyObject *store_new(PyTypeObject *cls, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"key_type", "complete", "load", "prefetch", NULL};
    PyObject *text, *load = Py_None, *prefetch = Py_None;
    int complete = 1;
    (void)cls;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|$pOO:Store", names, &text, &complete, &load,
                                     &prefetch))
        return NULL;
    mt_type *type = mt_type_from(text);
    if (type == NULL) return NULL;
    mt_store *s = mt_need(type) == 0 ? mt_store_new(type) : NULL;
    Py_DECREF(type);
    if (s == NULL) return NULL;
    s->width = 0;
    s->complete = complete;
    s->load = load == Py_None ? NULL : mt_ref(load);
    s->prefetch = prefetch == Py_None ? NULL : mt_ref(prefetch);
    if ((s->names = PyList_New(0)) == NULL) Py_CLEAR(s);
    return (PyObject *)s;
}

int mt_slot_load(mt_store *s, uint32_t slot)
{
    mt_record *r = s->current;
    if (r->slots[slot].flags & MT_SLOT_KNOWN) return 0;
    if (s->load == NULL) {
        r->slots[slot].flags |= MT_SLOT_KNOWN;
        return 0;
    }
    PyObject *number = PyLong_FromUnsignedLong(slot);
    PyObject *value = number ? PyObject_CallFunctionObjArgs(s->load, s->current_key, number, NULL) : NULL;
    Py_XDECREF(number);
    if (value == NULL) return -1;
    r->slots[slot].flags |= MT_SLOT_KNOWN;
    if (value == Py_None)
        Py_DECREF(value);
    else
        Py_XSETREF(r->slots[slot].value, value);
    return 0;
}

PyObject *mt_store_declare(mt_store *s, PyObject *name)
{
    if (PyList_Append(s->names, name) < 0) return NULL;
    s->width++;
    if (s->current != NULL) { /* declared while a row is at work */
        PyObject *key = s->current_key;
        if (mt_store_enter(s, key) < 0) return NULL;
    }
    return PyLong_FromUnsignedLong(s->width - 1);
}

static bool record_is_empty(const mt_record *r)
{
    for (uint32_t i = 0; i < r->room; i++) {
        PyObject *value = r->slots[i].value;
        if (value != NULL && !mt_cursor_is_idle(value) && !mt_map_is_empty(value)) return false;
    }
    return true;
}

/* Takes a record out of the store. */
static int drop(mt_store *s, PyObject *canonical)
{
    mt_record *r = (mt_record *)PyDict_GetItemWithError(s->records, canonical);
    if (r == NULL) return PyErr_Occurred() ? -1 : 0;
    size_t each = s->bytes / (size_t)PyDict_GET_SIZE(s->records);
    r->gone = true;
    s->bytes -= each;
    return PyDict_DelItem(s->records, canonical);
}

int mt_store_forget(mt_store *s)
{
    mt_record *r = s->current;
    PyObject *key = s->current_key;
    mt_store_leave(s);
    if (r == NULL || !record_is_empty(r)) return 0;
    if (r->dirty && r->written) return 0; /* until it has been written back */
    PyObject *canonical = mt_canonical_key(s->direct, key);
    int out = canonical ? drop(s, canonical) : -1;
    Py_XDECREF(canonical);
    return out;
}

static PyObject *store_take_dirty(mt_store *s, PyObject *unused)
{
    (void)unused;
    PyObject *out = PyList_New(0), *empty = NULL, *canonical, *record;
    Py_ssize_t at = 0;
    while (s->dirty && out != NULL && PyDict_Next(s->records, &at, &canonical, &record)) {
        mt_record *r = (mt_record *)record;
        if (!r->dirty) continue;
        PyObject *pair = PyTuple_Pack(2, mt_record_key(canonical, r), record);
        if (pair == NULL || PyList_Append(out, pair) < 0) Py_CLEAR(out);
        Py_XDECREF(pair);
        r->dirty = false;
        if (!record_is_empty(r))
            r->written = true;
        else if (r != s->current && out != NULL &&
                 ((empty == NULL && (empty = PyList_New(0)) == NULL) || PyList_Append(empty, canonical) < 0))
            Py_CLEAR(out);
    }
    s->dirty = false;
    /* What is removed from the runtime, too, need not be remembered. */
    for (Py_ssize_t i = 0; out != NULL && empty != NULL && i < PyList_GET_SIZE(empty); i++)
        if (drop(s, PyList_GET_ITEM(empty, i)) < 0) Py_CLEAR(out);
    Py_XDECREF(empty);
    return out;
}

/* The changed slots of one state: lists of keys and of values (None: removed). */
static PyObject *store_changes(mt_store *s, PyObject *args)
{
    PyObject *pairs;
    unsigned int slot;
    (void)s;
    if (!PyArg_ParseTuple(args, "O!I:changes", &PyList_Type, &pairs, &slot)) return NULL;
    PyObject *keys = PyList_New(0), *values = PyList_New(0);
    for (Py_ssize_t i = 0; keys && values && i < PyList_GET_SIZE(pairs); i++) {
        PyObject *pair = PyList_GET_ITEM(pairs, i);
        mt_record *r = (mt_record *)PyTuple_GET_ITEM(pair, 1);
        if (slot >= r->room || !(r->slots[slot].flags & MT_SLOT_DIRTY)) continue;
        r->slots[slot].flags &= (uint8_t)~MT_SLOT_DIRTY;
        PyObject *value = r->slots[slot].value ? r->slots[slot].value : Py_None;
        if (PyList_Append(keys, PyTuple_GET_ITEM(pair, 0)) < 0 || PyList_Append(values, value) < 0)
            Py_CLEAR(keys);
    }
    if (keys && values) return Py_BuildValue("(NN)", keys, values);
    Py_XDECREF(keys);
    Py_XDECREF(values);
    return NULL;
}

/* Of these keys, those whose slot is not known, each once. */
static PyObject *store_missing(mt_store *s, PyObject *args)
{
    PyObject *keys;
    unsigned int slot;
    if (!PyArg_ParseTuple(args, "O!I:missing", &PyList_Type, &keys, &slot)) return NULL;
    PyObject *out = PyList_New(0);
    for (Py_ssize_t i = 0; out && i < PyList_GET_SIZE(keys); i++) {
        mt_record *r = mt_store_record(s, PyList_GET_ITEM(keys, i));
        if (r == NULL) Py_CLEAR(out);
        if (r == NULL || slot >= r->room || r->slots[slot].flags & MT_SLOT_KNOWN) continue;
        r->slots[slot].flags |= MT_SLOT_KNOWN; /* the answer is on its way */
        if (PyList_Append(out, PyList_GET_ITEM(keys, i)) < 0) Py_CLEAR(out);
    }
    return out;
}

static PyObject *store_fill(mt_store *s, PyObject *args)
{
    PyObject *keys, *values;
    unsigned int slot;
    if (!PyArg_ParseTuple(args, "IO!O!:fill", &slot, &PyList_Type, &keys, &PyList_Type, &values))
        return NULL;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(keys) && i < PyList_GET_SIZE(values); i++) {
        mt_record *r = mt_store_record(s, PyList_GET_ITEM(keys, i));
        if (r == NULL) return NULL;
        if (slot >= r->room) continue;
        PyObject *value = PyList_GET_ITEM(values, i);
        r->slots[slot].flags |= MT_SLOT_KNOWN;
        if (value == Py_None) continue;
        s->bytes += mt_size_of(value, 0);
        Py_XSETREF(r->slots[slot].value, mt_ref(value));
    }
    Py_RETURN_NONE;
}

/* Second chance: records used since the last time stay, and are not so easily spared again. */
static PyObject *store_evict(mt_store *s, PyObject *args)
{
    Py_ssize_t wanted;
    if (!PyArg_ParseTuple(args, "n:evict", &wanted)) return NULL;
    PyObject *names = PyDict_Keys(s->records);
    if (names == NULL) return NULL;
    Py_ssize_t gone = 0, n = PyList_GET_SIZE(names);
    size_t each = n ? s->bytes / (size_t)n : 0;
    for (int round = 0; round < 2 && gone < wanted; round++)
        for (Py_ssize_t i = 0; i < n && gone < wanted; i++) {
            PyObject *canonical = PyList_GET_ITEM(names, i);
            mt_record *r = (mt_record *)PyDict_GetItemWithError(s->records, canonical);
            if (r == NULL || r->dirty || r == s->current) continue;
            if (r->touched && round == 0) {
                r->touched = false;
                continue;
            }
            r->gone = true;
            if (PyDict_DelItem(s->records, canonical) < 0) {
                Py_DECREF(names);
                return NULL;
            }
            gone++;
        }
    Py_DECREF(names);
    if (gone > 0) s->complete = false;
    s->bytes = PyDict_GET_SIZE(s->records) == 0 ? 0 : s->bytes - each * (size_t)gone;
    return PyLong_FromSsize_t(gone);
}

static PyObject *store_enter(mt_store *s, PyObject *key)
{
    if (mt_store_enter(s, key) < 0) return NULL;
    Py_XSETREF(s->held_key, mt_ref(key));
    Py_RETURN_NONE;
}

static PyObject *store_leave(mt_store *s, PyObject *unused)
{
    (void)unused;
    mt_store_leave(s);
    Py_RETURN_NONE;
}

static PyObject *store_forget(mt_store *s, PyObject *unused)
{
    (void)unused;
    if (mt_store_forget(s) < 0) return NULL;
    Py_RETURN_NONE;
}

static PyObject *store_get(mt_store *s, void *what)
{
    switch ((intptr_t)what) {
    case 0: return PyBool_FromLong(s->complete);
    case 1: return PyLong_FromSize_t(s->bytes);
    case 2: return PyLong_FromUnsignedLong(s->width);
    default: return PyLong_FromSsize_t(PyDict_GET_SIZE(s->records));
    }
}

static PyMethodDef store_methods[] = {
    {"declare", (PyCFunction)mt_store_declare, METH_O, "declare(name) -> slot"},
    {"take_dirty", (PyCFunction)store_take_dirty, METH_NOARGS,
     "take_dirty() -> list of (key, record)\n\nThe records that changed since the last time."},
    {"changes", (PyCFunction)store_changes, METH_VARARGS,
     "changes(dirty, slot) -> (keys, values)\n\nWhat changed in one slot; None: removed."},
    {"missing", (PyCFunction)store_missing, METH_VARARGS,
     "missing(keys, slot) -> keys\n\nThose that the runtime has to be asked for, once each."},
    {"fill", (PyCFunction)store_fill, METH_VARARGS,
     "fill(slot, keys, values)\n\nWhat the runtime has answered; None: nothing."},
    {"evict", (PyCFunction)store_evict, METH_VARARGS,
     "evict(count) -> int\n\nForgets up to so many records that are not dirty."},
    {"enter", (PyCFunction)store_enter, METH_O, "enter(key)\n\nMakes a key the current one."},
    {"forget", (PyCFunction)store_forget, METH_NOARGS,
     "forget()\n\nDrops the current record if there is nothing in it; no key is current then."},
    {"leave", (PyCFunction)store_leave, METH_NOARGS, "leave()\n\nNo key is the current one."},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef store_getset[] = {
    {"complete", (getter)store_get, NULL, "Whether what is not here is nowhere.", (void *)0},
    {"bytes", (getter)store_get, NULL, "About what the records take.", (void *)1},
    {"width", (getter)store_get, NULL, "The number of states.", (void *)2},
    {"count", (getter)store_get, NULL, "The number of records.", (void *)3},
    {NULL, NULL, NULL, NULL, NULL},
};

PyTypeObject mt_store_object = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "martlet._native.Store",
    .tp_doc = "Store(key_type, *, complete=True, load=None, prefetch=None)\n\nThe records of one "
              "keyed step. Where it is not complete, prefetch(keys) is called before the rows of a "
              "frame, to fill in what it lacks, and load(key, slot) for what is still not known; "
              "None: there is nothing.",
    .tp_basicsize = sizeof(mt_store),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = store_new,
    .tp_dealloc = (destructor)store_dealloc,
    .tp_methods = store_methods,
    .tp_getset = store_getset,
};
