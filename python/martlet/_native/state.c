/* What values, lists and maps have in common. */
#include "state.h"

PyObject *mt_state_new(PyTypeObject *cls, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"store", "name", "type", "key_type", NULL};
    PyObject *store, *name, *type, *key = Py_None;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O!UO|O:State", names, &mt_store_object, &store,
                                     &name, &type, &key))
        return NULL;
    mt_state *s = (mt_state *)cls->tp_alloc(cls, 0);
    if (s == NULL) return NULL;
    s->store = (mt_store *)mt_ref(store);
    s->name = mt_ref(name);
    s->type = mt_type_from(type);
    if (s->type != NULL && mt_need(s->type) < 0) Py_CLEAR(s->type);
    if (s->type != NULL && key != Py_None) {
        s->key = mt_type_from(key);
        if (s->key == NULL || mt_need(s->key) < 0) Py_CLEAR(s->type);
    }
    PyObject *slot = s->type ? mt_store_declare(s->store, name) : NULL;
    if (slot == NULL) {
        Py_DECREF(s);
        return NULL;
    }
    s->slot = (uint32_t)PyLong_AsUnsignedLong(slot);
    Py_DECREF(slot);
    return (PyObject *)s;
}

void mt_state_dealloc(mt_state *s)
{
    Py_XDECREF((PyObject *)s->store);
    Py_XDECREF(s->name);
    Py_XDECREF((PyObject *)s->type);
    Py_XDECREF((PyObject *)s->key);
    mt_encoding_clear(&s->encoding);
    Py_TYPE(s)->tp_free((PyObject *)s);
}

mt_slot *mt_state_no_key(mt_state *s)
{
    PyErr_Format(PyExc_RuntimeError,
                 "state '%U' is used where there is no current key: it is there in the calls for a "
                 "record or a timer of a keyed stream, not in open() or close()",
                 s->name);
    return NULL;
}

PyObject *mt_state_misfit(mt_state *s, const char *what)
{
    if (!PyErr_ExceptionMatches(mt_EncodeError)) return NULL;
    PyObject *kind, *error, *trace;
    PyErr_Fetch(&kind, &error, &trace);
    PyErr_NormalizeException(&kind, &error, &trace);
    PyErr_Format(PyExc_TypeError, "%s of state '%U' does not fit: %S", what, s->name, error);
    Py_XDECREF(kind);
    Py_XDECREF(error);
    Py_XDECREF(trace);
    return NULL;
}

PyObject *mt_state_clear(mt_state *s, PyObject *unused)
{
    (void)unused;
    mt_slot *at = mt_state_peek(s);
    if (at == NULL) return NULL;
    Py_CLEAR(at->value);
    mt_state_mark(s);
    Py_RETURN_NONE;
}

static PyObject *get_name(mt_state *s, void *unused)
{
    (void)unused;
    return mt_ref(s->name);
}

static PyObject *get_slot(mt_state *s, void *unused)
{
    (void)unused;
    return PyLong_FromUnsignedLong(s->slot);
}

PyGetSetDef mt_state_getset[] = {
    {"state_name", (getter)get_name, NULL, "The name it was declared with.", NULL},
    {"slot", (getter)get_slot, NULL, "Its place in the records.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};
