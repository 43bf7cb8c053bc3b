/* What keyed steps remember: a record for each key, a slot in it for each state. */
#include "native.h"

static void record_dealloc(mt_record *r)
{
    for (uint32_t i = 0; i < r->room; i++) Py_XDECREF(r->slots[i].value);
    Py_XDECREF(r->key);
    PyObject_Free(r);
}

/* Not tracked by the collector: it lives in its store, which grows and is then dropped. */
PyTypeObject mt_record_object = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "martlet._native.Record",
    .tp_basicsize = sizeof(mt_record),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_dealloc = (destructor)record_dealloc,
};

static mt_record *record_new(uint32_t room)
{
    size_t size = sizeof(mt_record) + room * sizeof(mt_slot);
    mt_record *r = (mt_record *)PyObject_Malloc(size);
    if (r == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    memset(r, 0, size);
    PyObject_Init((PyObject *)r, &mt_record_object);
    r->room = room;
    return r;
}

PyObject *mt_record_key(PyObject *canonical, mt_record *r)
{
    return r->key ? r->key : canonical;
}

mt_store *mt_store_new(const mt_type *key_type)
{
    mt_store *s = (mt_store *)mt_store_object.tp_alloc(&mt_store_object, 0);
    if (s == NULL) return NULL;
    s->width = 1;
    s->complete = true;
    if ((s->records = PyDict_New()) == NULL) {
        Py_DECREF(s);
        return NULL;
    }
    s->direct = mt_keys_are_direct(key_type);
    return s;
}

bool mt_keys_are_direct(const mt_type *key_type)
{
    switch (key_type ? key_type->kind : MT_PICKLED) {
    case MT_BOOLEAN: case MT_DATE: case MT_TIME: case MT_TIMESTAMP: case MT_TIMESTAMP_LTZ:
    case MT_INTERVAL_DS: case MT_BINARY: case MT_VARBINARY: case MT_RAW: return true;
    default: return false;
    }
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

PyObject *mt_canonical_key(bool direct, PyObject *key)
{
    if (LIKELY(direct || plain(key))) return mt_ref(key);
    return mt_need_pickle() < 0 ? NULL : mt_pickle(key);
}

/* A record with room for the states that were declared after it was made. */
static mt_record *widen(mt_store *s, PyObject *canonical, mt_record *old)
{
    mt_record *r = record_new(s->width);
    if (r == NULL) return NULL;
    r->key = old->key;
    old->key = NULL;
    r->dirty = old->dirty;
    r->written = old->written;
    old->gone = true;
    memcpy(r->slots, old->slots, old->room * sizeof(mt_slot));
    old->room = 0;
    int out = PyDict_SetItem(s->records, canonical, (PyObject *)r);
    Py_DECREF(r); /* the dict keeps it */
    return out < 0 ? NULL : r;
}

mt_record *mt_store_record(mt_store *s, PyObject *key)
{
    PyObject *canonical = key, *made = NULL;
    if (UNLIKELY(!s->direct && !plain(key))) {
        if ((made = mt_canonical_key(false, key)) == NULL) return NULL;
        canonical = made;
    }
    mt_record *r = NULL;
    if (UNLIKELY(s->spare == NULL || s->spare->room != s->width)) {
        Py_XDECREF(s->spare);
        if ((s->spare = record_new(s->width)) == NULL) goto done;
    }
    /* One look-up finds the record, or puts the spare one there. */
    r = (mt_record *)PyDict_SetDefault(s->records, canonical, (PyObject *)s->spare);
    if (r == NULL) goto done;
    if (r == s->spare) {
        Py_CLEAR(s->spare); /* the dict keeps it */
        if (made != NULL) r->key = mt_ref(key);
        r->written = !s->complete;
        s->bytes += sizeof *r + s->width * sizeof(mt_slot) + 100 + mt_size_of(key, 0);
        if (s->complete)
            for (uint32_t i = 0; i < r->room; i++) r->slots[i].flags = MT_SLOT_KNOWN;
    } else if (UNLIKELY(r->room < s->width)) {
        r = widen(s, canonical, r);
        if (r != NULL && s->complete)
            for (uint32_t i = 0; i < r->room; i++) r->slots[i].flags |= MT_SLOT_KNOWN;
    }
done:
    Py_XDECREF(made);
    return r;
}

int mt_store_enter(mt_store *s, PyObject *key)
{
    mt_record *r = mt_store_record(s, key);
    s->current = r;
    s->current_key = key;
    if (UNLIKELY(r == NULL)) return -1;
    r->touched = true;
    return 0;
}

void mt_store_leave(mt_store *s)
{
    s->current = NULL;
    s->current_key = NULL;
}

/* About how much memory a value takes; what it shares with others counts each time. */
size_t mt_size_of(PyObject *v, int depth)
{
    if (v == NULL || v == Py_None || PyBool_Check(v)) return 0;
    if (PyLong_CheckExact(v)) return 32;
    if (PyFloat_CheckExact(v)) return 24;
    if (PyUnicode_Check(v)) return 56 + (size_t)PyUnicode_GET_LENGTH(v) * PyUnicode_KIND(v);
    if (PyBytes_Check(v)) return 40 + (size_t)PyBytes_GET_SIZE(v);
    if (PyTuple_Check(v) || PyList_Check(v)) {
        Py_ssize_t n = PySequence_Fast_GET_SIZE(v), i;
        size_t size = 56 + 8 * (size_t)n, some = 0;
        if (depth >= 3 || n == 0) return size;
        for (i = 0; i < n && i < 16; i++) some += mt_size_of(PySequence_Fast_GET_ITEM(v, i), depth + 1);
        return size + some * (size_t)n / (size_t)i;
    }
    if (PyDict_Check(v)) return 232 + 160 * (size_t)PyDict_GET_SIZE(v);
    return 256;
}
