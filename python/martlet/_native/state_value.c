/* A state of one value. */
#include "state.h"

static PyObject *value_get(mt_state *s, PyObject *unused)
{
    (void)unused;
    mt_slot *at = mt_state_slot(s);
    if (UNLIKELY(at == NULL)) return NULL;
    return mt_ref(at->value ? at->value : Py_None);
}

static PyObject *value_update(mt_state *s, PyObject *value)
{
    if (value == Py_None) return mt_state_clear(s, NULL);
    mt_slot *at = mt_state_peek(s);
    if (UNLIKELY(at == NULL)) return NULL;
    PyObject *kept = mt_state_checked(s, s->type, value, "the value");
    if (UNLIKELY(kept == NULL)) return NULL;
    if (at->value == NULL) s->store->bytes += mt_size_of(kept, 0);
    Py_XSETREF(at->value, kept);
    mt_state_mark(s);
    Py_RETURN_NONE;
}

static PyMethodDef value_methods[] = {
    {"value", (PyCFunction)value_get, METH_NOARGS, "value()\n\nThe value; None if there is none."},
    {"update", (PyCFunction)value_update, METH_O, "update(value)\n\nReplaces it; None removes it."},
    {"clear", (PyCFunction)mt_state_clear, METH_NOARGS, "clear()\n\nRemoves it."},
    {NULL, NULL, 0, NULL},
};

MT_STATE_TYPE(mt_value_state_object, "ValueState", value_methods, );
