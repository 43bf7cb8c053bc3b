/* A state that is a list: a slot holds a Python list, or nothing where it would be empty. */
#include "state.h"

static PyObject *list_get(mt_state *s, PyObject *unused)
{
    (void)unused;
    mt_slot *at = mt_state_slot(s);
    if (at == NULL) return NULL;
    if (at->value == NULL) return PyList_New(0);
    return PyList_GetSlice(at->value, 0, PyList_GET_SIZE(at->value));
}

static int list_append(mt_state *s, mt_slot *at, PyObject *value)
{
    if (value == Py_None && s->type->kind != MT_PICKLED) {
        PyErr_Format(PyExc_TypeError, "state '%U' is a list, which cannot hold None", s->name);
        return -1;
    }
    PyObject *kept = mt_state_checked(s, s->type, value, "an element");
    if (kept == NULL) return -1;
    s->store->bytes += 8 + mt_size_of(kept, 1);
    int out = PyList_Append(at->value, kept);
    Py_DECREF(kept);
    return out;
}

static PyObject *list_add(mt_state *s, PyObject *value)
{
    mt_slot *at = mt_state_slot(s);
    if (at == NULL || (at->value == NULL && (at->value = PyList_New(0)) == NULL)) return NULL;
    if (list_append(s, at, value) < 0) return NULL;
    mt_state_mark(s);
    Py_RETURN_NONE;
}

static PyObject *list_add_all(mt_state *s, PyObject *values)
{
    PyObject *items = PySequence_Tuple(values);
    mt_slot *at = items ? mt_state_slot(s) : NULL;
    if (at == NULL || (at->value == NULL && (at->value = PyList_New(0)) == NULL)) goto bad;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(items); i++)
        if (list_append(s, at, PyTuple_GET_ITEM(items, i)) < 0) goto bad;
    if (PyList_GET_SIZE(at->value) == 0) Py_CLEAR(at->value);
    Py_DECREF(items);
    mt_state_mark(s);
    Py_RETURN_NONE;
bad:
    Py_XDECREF(items);
    return NULL;
}

static PyObject *list_update(mt_state *s, PyObject *values)
{
    PyObject *cleared = mt_state_clear(s, NULL);
    if (cleared == NULL) return NULL;
    Py_DECREF(cleared);
    return list_add_all(s, values);
}

static PyMethodDef list_methods[] = {
    {"get", (PyCFunction)list_get, METH_NOARGS, "get() -> list\n\nThe elements; a list of its own."},
    {"add", (PyCFunction)list_add, METH_O, "add(value)\n\nAdds an element at the end."},
    {"add_all", (PyCFunction)list_add_all, METH_O, "add_all(values)\n\nAdds elements at the end."},
    {"update", (PyCFunction)list_update, METH_O, "update(values)\n\nReplaces the list."},
    {"clear", (PyCFunction)mt_state_clear, METH_NOARGS, "clear()\n\nRemoves it."},
    {NULL, NULL, 0, NULL},
};

static PyObject *list_iter(mt_state *s)
{
    PyObject *list = list_get(s, NULL), *out = list ? PyObject_GetIter(list) : NULL;
    Py_XDECREF(list);
    return out;
}

MT_STATE_TYPE(mt_list_state_object, "ListState", list_methods, .tp_iter = (getiterfunc)list_iter);
