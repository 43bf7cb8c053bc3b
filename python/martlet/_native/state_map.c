/* A state that is a map, and what has changed in it since it was written back. */
#include "state.h"

/* What a slot of a map state holds. */
typedef struct {
    PyObject_HEAD
    PyObject *entries; /* dict: canonical map key → value, or → NULL's stand-in where removed */
    PyObject *changed; /* set of canonical keys since the last write back */
    bool complete;     /* what is not among `entries` is nowhere */
    bool cleared;      /* since the last write back */
} map;

static void map_dealloc(map *m)
{
    Py_XDECREF(m->entries);
    Py_XDECREF(m->changed);
    PyObject_Free(m);
}

PyTypeObject mt_map_object = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "martlet._native.Map",
    .tp_basicsize = sizeof(map),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_dealloc = (destructor)map_dealloc,
};

bool mt_map_is_empty(PyObject *value)
{
    return Py_IS_TYPE(value, &mt_map_object) && PyDict_GET_SIZE(((map *)value)->entries) == 0;
}

static map *map_new(void)
{
    map *m = PyObject_New(map, &mt_map_object);
    if (m == NULL) return NULL;
    m->complete = true;
    m->cleared = false;
    m->entries = PyDict_New();
    m->changed = PySet_New(NULL);
    if (m->entries == NULL || m->changed == NULL) Py_CLEAR(m);
    return m;
}

/* The map of the current key; made if `make`. NULL without an exception: there is none. */
static map *the_map(mt_state *s, bool make)
{
    mt_slot *at = mt_state_slot(s);
    if (at == NULL) return NULL;
    if (at->value != NULL && Py_IS_TYPE(at->value, &mt_map_object)) return (map *)at->value;
    if (at->value == NULL && !make) return NULL;
    map *m = map_new();
    if (m == NULL) return NULL;
    if (at->value != NULL) { /* a dict, as the runtime answered */
        Py_SETREF(m->entries, at->value);
        at->value = NULL;
    }
    at->value = (PyObject *)m;
    return m;
}

/* What stands for a map key in the dictionary: itself, unless it would equal one of another type. */
static PyObject *map_key(mt_state *s, PyObject *key)
{
    PyObject *kept = mt_state_checked(s, s->key, key, "a map key");
    if (kept == NULL || s->key->kind != MT_PICKLED) return kept;
    if (!PyFloat_CheckExact(kept) && !PyBool_Check(kept)) return kept;
    return Py_BuildValue("(ON)", (PyObject *)Py_TYPE(kept), kept);
}

static PyObject *user_key(PyObject *canonical)
{
    if (PyTuple_CheckExact(canonical) && PyTuple_GET_SIZE(canonical) == 2 &&
        PyType_Check(PyTuple_GET_ITEM(canonical, 0)))
        return PyTuple_GET_ITEM(canonical, 1);
    return canonical;
}

static int map_set(mt_state *s, map *m, PyObject *key, PyObject *value)
{
    PyObject *canonical = map_key(s, key);
    PyObject *kept = canonical ? mt_state_checked(s, s->type, value, "a map value") : NULL;
    int out = -1;
    if (kept != NULL) {
        Py_ssize_t before = PyDict_GET_SIZE(m->entries);
        out = PyDict_SetItem(m->entries, canonical, kept);
        if (out == 0) out = PySet_Add(m->changed, canonical);
        if (PyDict_GET_SIZE(m->entries) > before)
            s->store->bytes += 160 + mt_size_of(kept, 1) + mt_size_of(canonical, 1);
    }
    Py_XDECREF(canonical);
    Py_XDECREF(kept);
    return out;
}

/* Borrowed; NULL without an exception: there is no such entry. */
static PyObject *map_find(mt_state *s, PyObject *key)
{
    map *m = the_map(s, false);
    if (m == NULL) return NULL;
    PyObject *canonical = map_key(s, key), *out = NULL;
    if (canonical != NULL) out = PyDict_GetItemWithError(m->entries, canonical);
    Py_XDECREF(canonical);
    return out;
}

static PyObject *map_get(mt_state *s, PyObject *key)
{
    PyObject *value = map_find(s, key);
    if (value == NULL && PyErr_Occurred()) return NULL;
    return mt_ref(value ? value : Py_None);
}

static PyObject *map_put(mt_state *s, PyObject *args)
{
    PyObject *key, *value;
    if (!PyArg_UnpackTuple(args, "put", 2, 2, &key, &value)) return NULL;
    map *m = the_map(s, true);
    if (m == NULL || map_set(s, m, key, value) < 0) return NULL;
    mt_state_mark(s);
    Py_RETURN_NONE;
}

static PyObject *map_put_all(mt_state *s, PyObject *values)
{
    PyObject *dict = PyDict_New(), *key, *value;
    Py_ssize_t at = 0;
    map *m = NULL;
    if (dict == NULL || PyDict_Update(dict, values) < 0 || (m = the_map(s, true)) == NULL) goto bad;
    while (PyDict_Next(dict, &at, &key, &value))
        if (map_set(s, m, key, value) < 0) goto bad;
    Py_DECREF(dict);
    mt_state_mark(s);
    Py_RETURN_NONE;
bad:
    Py_XDECREF(dict);
    return NULL;
}

static PyObject *map_remove(mt_state *s, PyObject *key)
{
    map *m = the_map(s, false);
    if (m == NULL) {
        if (PyErr_Occurred()) return NULL;
        Py_RETURN_NONE;
    }
    PyObject *canonical = map_key(s, key);
    int there = canonical ? PyDict_Contains(m->entries, canonical) : -1;
    if (there == 1)
        there = PyDict_DelItem(m->entries, canonical) < 0 || PySet_Add(m->changed, canonical) < 0
                    ? -1
                    : 1;
    Py_XDECREF(canonical);
    if (there < 0) return NULL;
    if (there) mt_state_mark(s);
    Py_RETURN_NONE;
}

static int map_has(mt_state *s, PyObject *key)
{
    PyObject *value = map_find(s, key);
    return value ? 1 : PyErr_Occurred() ? -1 : 0;
}

static PyObject *map_contains(mt_state *s, PyObject *key)
{
    int has = map_has(s, key);
    return has < 0 ? NULL : PyBool_FromLong(has);
}

static PyObject *map_is_empty(mt_state *s, PyObject *unused)
{
    (void)unused;
    map *m = the_map(s, false);
    if (m == NULL && PyErr_Occurred()) return NULL;
    return PyBool_FromLong(m == NULL || PyDict_GET_SIZE(m->entries) == 0);
}

static PyObject *map_clear(mt_state *s, PyObject *unused)
{
    (void)unused;
    mt_slot *at = mt_state_peek(s);
    if (at == NULL) return NULL;
    map *m = map_new();
    if (m == NULL) return NULL;
    m->cleared = true;
    Py_XSETREF(at->value, (PyObject *)m);
    mt_state_mark(s);
    Py_RETURN_NONE;
}

enum { KEYS, VALUES, ITEMS };

/* A list that does not change with the map: functions may put and remove while they iterate. */
static PyObject *map_list(mt_state *s, int what)
{
    map *m = the_map(s, false);
    if (m == NULL) return PyErr_Occurred() ? NULL : PyList_New(0);
    PyObject *out = PyList_New(PyDict_GET_SIZE(m->entries)), *key, *value;
    Py_ssize_t at = 0, i = 0;
    while (out != NULL && PyDict_Next(m->entries, &at, &key, &value)) {
        PyObject *item = what == KEYS     ? mt_ref(user_key(key))
                         : what == VALUES ? mt_ref(value)
                                          : PyTuple_Pack(2, user_key(key), value);
        if (item == NULL)
            Py_CLEAR(out);
        else
            PyList_SET_ITEM(out, i++, item);
    }
    return out;
}

static PyObject *map_keys(mt_state *s, PyObject *unused) { (void)unused; return map_list(s, KEYS); }
static PyObject *map_values(mt_state *s, PyObject *unused) { (void)unused; return map_list(s, VALUES); }
static PyObject *map_items(mt_state *s, PyObject *unused) { (void)unused; return map_list(s, ITEMS); }

static PyObject *map_iter(mt_state *s)
{
    PyObject *list = map_list(s, KEYS), *out = list ? PyObject_GetIter(list) : NULL;
    Py_XDECREF(list);
    return out;
}

static int map_assign(mt_state *s, PyObject *key, PyObject *value)
{
    PyObject *args = value ? PyTuple_Pack(2, key, value) : NULL;
    PyObject *done = value ? (args ? map_put(s, args) : NULL) : map_remove(s, key);
    Py_XDECREF(args);
    Py_XDECREF(done);
    return done ? 0 : -1;
}

static Py_ssize_t map_length(mt_state *s)
{
    map *m = the_map(s, false);
    if (m == NULL) return PyErr_Occurred() ? -1 : 0;
    return PyDict_GET_SIZE(m->entries);
}

static PyMethodDef map_methods[] = {
    {"get", (PyCFunction)map_get, METH_O, "get(key)\n\nThe value; None if there is none."},
    {"put", (PyCFunction)map_put, METH_VARARGS, "put(key, value)\n\nSets an entry."},
    {"put_all", (PyCFunction)map_put_all, METH_O, "put_all(dict)\n\nSets entries."},
    {"remove", (PyCFunction)map_remove, METH_O, "remove(key)\n\nRemoves an entry, if it is there."},
    {"contains", (PyCFunction)map_contains, METH_O, "contains(key) -> bool"},
    {"items", (PyCFunction)map_items, METH_NOARGS, "items() -> list of (key, value)"},
    {"keys", (PyCFunction)map_keys, METH_NOARGS, "keys() -> list"},
    {"values", (PyCFunction)map_values, METH_NOARGS, "values() -> list"},
    {"is_empty", (PyCFunction)map_is_empty, METH_NOARGS, "is_empty() -> bool"},
    {"clear", (PyCFunction)map_clear, METH_NOARGS, "clear()\n\nRemoves all entries."},
    {NULL, NULL, 0, NULL},
};

static PySequenceMethods map_sequence = {.sq_contains = (objobjproc)map_has};
static PyMappingMethods map_mapping = {.mp_length = (lenfunc)map_length,
                                       .mp_subscript = (binaryfunc)map_get,
                                       .mp_ass_subscript = (objobjargproc)map_assign};

MT_STATE_TYPE(mt_map_state_object, "MapState", map_methods,
           .tp_iter = (getiterfunc)map_iter, .tp_as_sequence = &map_sequence,
           .tp_as_mapping = &map_mapping);

/* take_changes(map) -> (cleared, set keys, set values, removed keys): since the last time. */
PyObject *mt_map_changes(PyObject *module, PyObject *o)
{
    (void)module;
    if (!Py_IS_TYPE(o, &mt_map_object)) {
        PyErr_SetString(PyExc_TypeError, "map_changes takes what a slot of a map state holds");
        return NULL;
    }
    map *m = (map *)o;
    PyObject *keys = PyList_New(0), *values = PyList_New(0), *removed = PyList_New(0), *fresh = NULL;
    PyObject *iterator = PyObject_GetIter(m->changed), *canonical;
    if (!keys || !values || !removed || !iterator || !(fresh = PySet_New(NULL))) goto bad;
    while ((canonical = PyIter_Next(iterator)) != NULL) {
        PyObject *value = PyDict_GetItemWithError(m->entries, canonical);
        int out = value ? PyList_Append(keys, user_key(canonical)) | PyList_Append(values, value)
                        : PyList_Append(removed, user_key(canonical));
        Py_DECREF(canonical);
        if (out < 0) goto bad;
    }
    if (PyErr_Occurred()) goto bad;
    Py_DECREF(iterator);
    Py_SETREF(m->changed, fresh);
    bool cleared = m->cleared;
    m->cleared = false;
    return Py_BuildValue("(NNNN)", PyBool_FromLong(cleared), keys, values, removed);
bad:
    Py_XDECREF(keys);
    Py_XDECREF(values);
    Py_XDECREF(removed);
    Py_XDECREF(iterator);
    Py_XDECREF(fresh);
    return NULL;
}
