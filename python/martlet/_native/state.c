/* The states of a keyed step: views on the slots of the current key's record. */
#include "native.h"

/* ---- the store ----------------------------------------------------------------------------------- */

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

static PyObject *store_declare(mt_store *s, PyObject *name)
{
    if (PyList_Append(s->names, name) < 0) return NULL;
    s->width++;
    if (s->current != NULL) { /* declared while a row is at work */
        PyObject *key = s->current_key;
        if (mt_store_enter(s, key) < 0) return NULL;
    }
    return PyLong_FromUnsignedLong(s->width - 1);
}

static bool record_is_empty(const mt_record *r);

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
    {"declare", (PyCFunction)store_declare, METH_O, "declare(name) -> slot"},
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

/* ---- what all states share ------------------------------------------------------------------------- */

typedef struct {
    PyObject_HEAD
    mt_store *store;
    uint32_t slot;
    PyObject *name;
    mt_type *type;  /* of a value, an element or a map's value */
    mt_type *key;   /* of a map */
    bool direct;    /* a map's keys are dictionary keys as they are */
    mt_encoding encoding;
} state;

static PyObject *state_new(PyTypeObject *cls, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"store", "name", "type", "key_type", NULL};
    PyObject *store, *name, *type, *key = Py_None;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O!UO|O:State", names, &mt_store_object, &store,
                                     &name, &type, &key))
        return NULL;
    state *s = (state *)cls->tp_alloc(cls, 0);
    if (s == NULL) return NULL;
    s->store = (mt_store *)mt_ref(store);
    s->name = mt_ref(name);
    s->type = mt_type_from(type);
    if (s->type != NULL && mt_need(s->type) < 0) Py_CLEAR(s->type);
    if (s->type != NULL && key != Py_None) {
        s->key = mt_type_from(key);
        if (s->key == NULL || mt_need(s->key) < 0) Py_CLEAR(s->type);
    }
    PyObject *slot = s->type ? store_declare(s->store, name) : NULL;
    if (slot == NULL) {
        Py_DECREF(s);
        return NULL;
    }
    s->slot = (uint32_t)PyLong_AsUnsignedLong(slot);
    Py_DECREF(slot);
    return (PyObject *)s;
}

static void state_dealloc(state *s)
{
    Py_XDECREF((PyObject *)s->store);
    Py_XDECREF(s->name);
    Py_XDECREF((PyObject *)s->type);
    Py_XDECREF((PyObject *)s->key);
    mt_encoding_clear(&s->encoding);
    Py_TYPE(s)->tp_free((PyObject *)s);
}

/* The slot of the current key, whether known or not; NULL with an exception. */
static inline mt_slot *peek(state *s)
{
    if (UNLIKELY(s->store->current == NULL)) {
        PyErr_Format(PyExc_RuntimeError,
                     "state '%U' is used where there is no current key: it is there in the calls for "
                     "a record or a timer of a keyed stream, not in open() or close()",
                     s->name);
        return NULL;
    }
    return &s->store->current->slots[s->slot];
}

static inline mt_slot *slot(state *s)
{
    mt_slot *at = peek(s);
    if (at == NULL || LIKELY(at->flags & MT_SLOT_KNOWN)) return at;
    return mt_slot_load(s->store, s->slot) < 0 ? NULL : &s->store->current->slots[s->slot];
}

static void mark(state *s)
{
    mt_store_mark(s->store, s->slot);
}

/* New reference: the value as its type makes it; an error says which state it does not fit. */
static PyObject *checked(state *s, mt_type *type, PyObject *value, const char *what)
{
    PyObject *out = mt_coerce(type, mt_ref(value), &s->encoding);
    if (out != NULL || !PyErr_ExceptionMatches(mt_EncodeError)) return out;
    PyObject *kind, *error, *trace;
    PyErr_Fetch(&kind, &error, &trace);
    PyErr_NormalizeException(&kind, &error, &trace);
    PyErr_Format(PyExc_TypeError, "%s of state '%U' does not fit: %S", what, s->name, error);
    Py_XDECREF(kind);
    Py_XDECREF(error);
    Py_XDECREF(trace);
    return NULL;
}

static PyObject *state_clear(state *s, PyObject *unused)
{
    (void)unused;
    mt_slot *at = peek(s);
    if (at == NULL) return NULL;
    Py_CLEAR(at->value);
    mark(s);
    Py_RETURN_NONE;
}

static PyObject *get_name(state *s, void *unused)
{
    (void)unused;
    return mt_ref(s->name);
}

static PyObject *get_slot(state *s, void *unused)
{
    (void)unused;
    return PyLong_FromUnsignedLong(s->slot);
}

static PyGetSetDef state_getset[] = {
    {"state_name", (getter)get_name, NULL, "The name it was declared with.", NULL},
    {"slot", (getter)get_slot, NULL, "Its place in the records.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

#define STATE_TYPE(variable, text, methods_, ...)                                                   \
    PyTypeObject variable = {                                                                       \
        PyVarObject_HEAD_INIT(NULL, 0).tp_name = "martlet._native." text,                           \
        .tp_doc = text "(store, name, type, key_type=None)",                                        \
        .tp_basicsize = sizeof(state), .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,        \
        .tp_new = state_new, .tp_dealloc = (destructor)state_dealloc, .tp_methods = methods_,       \
        .tp_getset = state_getset, __VA_ARGS__}

/* ---- one value ----------------------------------------------------------------------------------- */

static PyObject *value_get(state *s, PyObject *unused)
{
    (void)unused;
    mt_slot *at = slot(s);
    if (UNLIKELY(at == NULL)) return NULL;
    return mt_ref(at->value ? at->value : Py_None);
}

static PyObject *value_update(state *s, PyObject *value)
{
    if (value == Py_None) return state_clear(s, NULL);
    mt_slot *at = peek(s);
    if (UNLIKELY(at == NULL)) return NULL;
    PyObject *kept = checked(s, s->type, value, "the value");
    if (UNLIKELY(kept == NULL)) return NULL;
    if (at->value == NULL) s->store->bytes += mt_size_of(kept, 0);
    Py_XSETREF(at->value, kept);
    mark(s);
    Py_RETURN_NONE;
}

static PyMethodDef value_methods[] = {
    {"value", (PyCFunction)value_get, METH_NOARGS, "value()\n\nThe value; None if there is none."},
    {"update", (PyCFunction)value_update, METH_O, "update(value)\n\nReplaces it; None removes it."},
    {"clear", (PyCFunction)state_clear, METH_NOARGS, "clear()\n\nRemoves it."},
    {NULL, NULL, 0, NULL},
};

STATE_TYPE(mt_value_state_object, "ValueState", value_methods, );

/* ---- a list ---------------------------------------------------------------------------------------- */

static PyObject *list_get(state *s, PyObject *unused)
{
    (void)unused;
    mt_slot *at = slot(s);
    if (at == NULL) return NULL;
    if (at->value == NULL) return PyList_New(0);
    return PyList_GetSlice(at->value, 0, PyList_GET_SIZE(at->value));
}

static int list_append(state *s, mt_slot *at, PyObject *value)
{
    if (value == Py_None && s->type->kind != MT_PICKLED) {
        PyErr_Format(PyExc_TypeError, "state '%U' is a list, which cannot hold None", s->name);
        return -1;
    }
    PyObject *kept = checked(s, s->type, value, "an element");
    if (kept == NULL) return -1;
    s->store->bytes += 8 + mt_size_of(kept, 1);
    int out = PyList_Append(at->value, kept);
    Py_DECREF(kept);
    return out;
}

static PyObject *list_add(state *s, PyObject *value)
{
    mt_slot *at = slot(s);
    if (at == NULL || (at->value == NULL && (at->value = PyList_New(0)) == NULL)) return NULL;
    if (list_append(s, at, value) < 0) return NULL;
    mark(s);
    Py_RETURN_NONE;
}

static PyObject *list_add_all(state *s, PyObject *values)
{
    PyObject *items = PySequence_Tuple(values);
    mt_slot *at = items ? slot(s) : NULL;
    if (at == NULL || (at->value == NULL && (at->value = PyList_New(0)) == NULL)) goto bad;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(items); i++)
        if (list_append(s, at, PyTuple_GET_ITEM(items, i)) < 0) goto bad;
    if (PyList_GET_SIZE(at->value) == 0) Py_CLEAR(at->value);
    Py_DECREF(items);
    mark(s);
    Py_RETURN_NONE;
bad:
    Py_XDECREF(items);
    return NULL;
}

static PyObject *list_update(state *s, PyObject *values)
{
    PyObject *cleared = state_clear(s, NULL);
    if (cleared == NULL) return NULL;
    Py_DECREF(cleared);
    return list_add_all(s, values);
}

static PyMethodDef list_methods[] = {
    {"get", (PyCFunction)list_get, METH_NOARGS, "get() -> list\n\nThe elements; a list of its own."},
    {"add", (PyCFunction)list_add, METH_O, "add(value)\n\nAdds an element at the end."},
    {"add_all", (PyCFunction)list_add_all, METH_O, "add_all(values)\n\nAdds elements at the end."},
    {"update", (PyCFunction)list_update, METH_O, "update(values)\n\nReplaces the list."},
    {"clear", (PyCFunction)state_clear, METH_NOARGS, "clear()\n\nRemoves it."},
    {NULL, NULL, 0, NULL},
};

static PyObject *list_iter(state *s)
{
    PyObject *list = list_get(s, NULL), *out = list ? PyObject_GetIter(list) : NULL;
    Py_XDECREF(list);
    return out;
}

STATE_TYPE(mt_list_state_object, "ListState", list_methods, .tp_iter = (getiterfunc)list_iter);

/* ---- a map ----------------------------------------------------------------------------------------- */

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

static bool record_is_empty(const mt_record *r)
{
    for (uint32_t i = 0; i < r->room; i++) {
        PyObject *value = r->slots[i].value;
        if (value == NULL || Py_IS_TYPE(value, &mt_cursor_object)) continue;
        if (!Py_IS_TYPE(value, &mt_map_object) || PyDict_GET_SIZE(((map *)value)->entries) > 0)
            return false;
    }
    return true;
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
static map *the_map(state *s, bool make)
{
    mt_slot *at = slot(s);
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
static PyObject *map_key(state *s, PyObject *key)
{
    PyObject *kept = checked(s, s->key, key, "a map key");
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

static int map_set(state *s, map *m, PyObject *key, PyObject *value)
{
    PyObject *canonical = map_key(s, key);
    PyObject *kept = canonical ? checked(s, s->type, value, "a map value") : NULL;
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
static PyObject *map_find(state *s, PyObject *key)
{
    map *m = the_map(s, false);
    if (m == NULL) return NULL;
    PyObject *canonical = map_key(s, key), *out = NULL;
    if (canonical != NULL) out = PyDict_GetItemWithError(m->entries, canonical);
    Py_XDECREF(canonical);
    return out;
}

static PyObject *map_get(state *s, PyObject *key)
{
    PyObject *value = map_find(s, key);
    if (value == NULL && PyErr_Occurred()) return NULL;
    return mt_ref(value ? value : Py_None);
}

static PyObject *map_put(state *s, PyObject *args)
{
    PyObject *key, *value;
    if (!PyArg_UnpackTuple(args, "put", 2, 2, &key, &value)) return NULL;
    map *m = the_map(s, true);
    if (m == NULL || map_set(s, m, key, value) < 0) return NULL;
    mark(s);
    Py_RETURN_NONE;
}

static PyObject *map_put_all(state *s, PyObject *values)
{
    PyObject *dict = PyDict_New(), *key, *value;
    Py_ssize_t at = 0;
    map *m = NULL;
    if (dict == NULL || PyDict_Update(dict, values) < 0 || (m = the_map(s, true)) == NULL) goto bad;
    while (PyDict_Next(dict, &at, &key, &value))
        if (map_set(s, m, key, value) < 0) goto bad;
    Py_DECREF(dict);
    mark(s);
    Py_RETURN_NONE;
bad:
    Py_XDECREF(dict);
    return NULL;
}

static PyObject *map_remove(state *s, PyObject *key)
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
    if (there) mark(s);
    Py_RETURN_NONE;
}

static int map_has(state *s, PyObject *key)
{
    PyObject *value = map_find(s, key);
    return value ? 1 : PyErr_Occurred() ? -1 : 0;
}

static PyObject *map_contains(state *s, PyObject *key)
{
    int has = map_has(s, key);
    return has < 0 ? NULL : PyBool_FromLong(has);
}

static PyObject *map_is_empty(state *s, PyObject *unused)
{
    (void)unused;
    map *m = the_map(s, false);
    if (m == NULL && PyErr_Occurred()) return NULL;
    return PyBool_FromLong(m == NULL || PyDict_GET_SIZE(m->entries) == 0);
}

static PyObject *map_clear(state *s, PyObject *unused)
{
    (void)unused;
    mt_slot *at = peek(s);
    if (at == NULL) return NULL;
    map *m = map_new();
    if (m == NULL) return NULL;
    m->cleared = true;
    Py_XSETREF(at->value, (PyObject *)m);
    mark(s);
    Py_RETURN_NONE;
}

enum { KEYS, VALUES, ITEMS };

/* A list that does not change with the map: functions may put and remove while they iterate. */
static PyObject *map_list(state *s, int what)
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

static PyObject *map_keys(state *s, PyObject *unused) { (void)unused; return map_list(s, KEYS); }
static PyObject *map_values(state *s, PyObject *unused) { (void)unused; return map_list(s, VALUES); }
static PyObject *map_items(state *s, PyObject *unused) { (void)unused; return map_list(s, ITEMS); }

static PyObject *map_iter(state *s)
{
    PyObject *list = map_list(s, KEYS), *out = list ? PyObject_GetIter(list) : NULL;
    Py_XDECREF(list);
    return out;
}

static int map_assign(state *s, PyObject *key, PyObject *value)
{
    PyObject *args = value ? PyTuple_Pack(2, key, value) : NULL;
    PyObject *done = value ? (args ? map_put(s, args) : NULL) : map_remove(s, key);
    Py_XDECREF(args);
    Py_XDECREF(done);
    return done ? 0 : -1;
}

static Py_ssize_t map_length(state *s)
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

STATE_TYPE(mt_map_state_object, "MapState", map_methods,
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
