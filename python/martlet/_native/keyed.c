/* What keyed steps remember, per key. */
#include "native.h"

static void entry_dealloc(mt_entry *e)
{
    if (Py_IS_TYPE(e, &mt_named_entry_object)) Py_XDECREF(((mt_named_entry *)e)->key);
    Py_XDECREF(e->value);
    PyObject_Free(e);
}

/* Not tracked by the collector: it lives in its holder, which only grows and is then dropped. */
PyTypeObject mt_entry_object = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "martlet._native.Entry",
    .tp_basicsize = sizeof(mt_entry),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_dealloc = (destructor)entry_dealloc,
};

PyTypeObject mt_named_entry_object = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "martlet._native.NamedEntry",
    .tp_basicsize = sizeof(mt_named_entry),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_dealloc = (destructor)entry_dealloc,
};

static mt_entry *entry_new(PyTypeObject *type)
{
    mt_entry *e = (mt_entry *)PyObject_Malloc((size_t)type->tp_basicsize);
    if (e == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    PyObject_Init((PyObject *)e, type);
    e->value = NULL;
    e->dirty = false;
    return e;
}

PyObject *mt_keyed_key(PyObject *canonical, mt_entry *e)
{
    return Py_IS_TYPE(e, &mt_named_entry_object) ? ((mt_named_entry *)e)->key : canonical;
}

mt_keyed *mt_keyed_new(const mt_type *key_type)
{
    mt_keyed *k = PyMem_Calloc(1, sizeof *k);
    if (k == NULL || (k->entries = PyDict_New()) == NULL) {
        PyMem_Free(k);
        if (!PyErr_Occurred()) PyErr_NoMemory();
        return NULL;
    }
    switch (key_type ? key_type->kind : MT_PICKLED) {
    case MT_BOOLEAN: case MT_DATE: case MT_TIME: case MT_TIMESTAMP: case MT_TIMESTAMP_LTZ:
    case MT_INTERVAL_DS: case MT_BINARY: case MT_VARBINARY: case MT_RAW:
        k->direct = true;
        break;
    default: break;
    }
    return k;
}

void mt_keyed_free(mt_keyed *k)
{
    if (k == NULL) return;
    Py_DECREF(k->entries);
    Py_XDECREF(k->spare);
    PyMem_Free(k);
}

/* Whether equality in Python is equality of the key. It is not where 1 == 1.0 == True, where
 * 0.0 == -0.0 and nan != nan, or where a class decides: there Flink compares pickles. */
static bool plain(PyObject *key)
{
    if (PyLong_CheckExact(key) || PyUnicode_CheckExact(key) || key == Py_None) return true;
    if (!PyTuple_CheckExact(key)) return false;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(key); i++)
        if (!plain(PyTuple_GET_ITEM(key, i))) return false;
    return true;
}

/* Finds the entry, or puts `fresh` there; one look-up. `*taken`: it is there now. */
static mt_entry *find(mt_keyed *k, PyObject *canonical, mt_entry *fresh, bool *taken)
{
    PyObject *found = PyDict_SetDefault(k->entries, canonical, (PyObject *)fresh);
    *taken = found == (PyObject *)fresh;
    return (mt_entry *)found;
}

static mt_entry *find_plain(mt_keyed *k, PyObject *key)
{
    bool taken;
    if (UNLIKELY(k->spare == NULL) && (k->spare = entry_new(&mt_entry_object)) == NULL) return NULL;
    mt_entry *e = find(k, key, k->spare, &taken);
    if (taken) Py_CLEAR(k->spare); /* the dict keeps it */
    return e;
}

/* A key that is not a dictionary key as it is, by its pickle. */
static mt_entry *find_pickled(mt_keyed *k, PyObject *key)
{
    if (mt_need_pickle() < 0) return NULL;
    PyObject *bytes = mt_pickle(key);
    mt_entry *fresh = bytes ? entry_new(&mt_named_entry_object) : NULL, *e = NULL;
    bool taken;
    if (fresh != NULL) {
        ((mt_named_entry *)fresh)->key = mt_ref(key);
        e = find(k, bytes, fresh, &taken);
        Py_DECREF(fresh);
    }
    Py_XDECREF(bytes);
    return e;
}

mt_entry *mt_keyed_entry(mt_keyed *k, PyObject *key)
{
    return LIKELY(k->direct || plain(key)) ? find_plain(k, key) : find_pickled(k, key);
}
