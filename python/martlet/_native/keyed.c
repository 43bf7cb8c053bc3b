/* What keyed steps remember, per key. */
#include "native.h"

static void entry_dealloc(mt_entry *e)
{
    Py_XDECREF(e->key);
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

static mt_entry *find(mt_keyed *k, PyObject *canonical, PyObject *key)
{
    PyObject *found = PyDict_GetItemWithError(k->entries, canonical);
    if (LIKELY(found != NULL)) return (mt_entry *)found;
    if (PyErr_Occurred()) return NULL;
    mt_entry *e = PyObject_New(mt_entry, &mt_entry_object);
    if (e == NULL) return NULL;
    e->key = mt_ref(key);
    e->value = NULL;
    e->dirty = false;
    int failed = PyDict_SetItem(k->entries, canonical, (PyObject *)e);
    Py_DECREF(e); /* the dict keeps it */
    return failed ? NULL : e;
}

mt_entry *mt_keyed_entry(mt_keyed *k, PyObject *key)
{
    if (LIKELY(k->direct || plain(key))) return find(k, key, key);
    if (mt_need_pickle() < 0) return NULL;
    PyObject *bytes = mt_pickle(key);
    if (bytes == NULL) return NULL;
    mt_entry *e = find(k, bytes, key);
    Py_DECREF(bytes);
    return e;
}
