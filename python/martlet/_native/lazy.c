/* Classes of other modules, imported when a type first needs them: importing martlet._native
 * itself imports nothing. */
#define _GNU_SOURCE /* memmem */
#include "native.h"
#include <structmember.h>

mt_lazy_t mt_lazy;

PyObject *mt_str_values, *mt_str_fields, *mt_str_from_dict, *mt_str_row_kind, *mt_str_value,
    *mt_str_seconds, *mt_str_nanos, *mt_str_tzinfo, *mt_str_items;

int mt_lazy_init(void)
{
    static const struct {
        PyObject **at;
        const char *text;
    } names[] = {
        {&mt_str_values, "_values"}, {&mt_str_fields, "_fields"},
        {&mt_str_from_dict, "_from_dict"}, {&mt_str_row_kind, "_row_kind"},
        {&mt_str_value, "value"}, {&mt_str_seconds, "seconds"}, {&mt_str_nanos, "nanos"},
        {&mt_str_tzinfo, "tzinfo"}, {&mt_str_items, "items"},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if ((*names[i].at = PyUnicode_InternFromString(names[i].text)) == NULL) return -1;
    return 0;
}

static PyObject *import(const char *module, const char *attribute)
{
    PyObject *m = PyImport_ImportModule(module);
    PyObject *a = m ? PyObject_GetAttrString(m, attribute) : NULL;
    Py_XDECREF(m);
    return a;
}

/* Where instances keep the slot of this name, or -1 if it is not a slot. */
static Py_ssize_t slot_offset(PyObject *cls, PyObject *name)
{
    PyObject *d = PyObject_GetAttr(cls, name);
    Py_ssize_t offset = -1;
    if (d == NULL)
        PyErr_Clear();
    else if (Py_IS_TYPE(d, &PyMemberDescr_Type) &&
             ((PyMemberDescrObject *)d)->d_member->type == T_OBJECT_EX)
        offset = ((PyMemberDescrObject *)d)->d_member->offset;
    Py_XDECREF(d);
    return offset;
}

int mt_need_row(void)
{
    if (mt_lazy.row != NULL) return 0;
    PyObject *row = import("martlet.common.types", "Row");
    PyObject *kinds = row ? import("martlet.common.types", "RowKind") : NULL;
    bool ok = kinds != NULL && PyType_Check(row);
    for (int i = 0; ok && i < 4; i++) {
        if (mt_lazy.kinds[i] == NULL) mt_lazy.kinds[i] = PyObject_CallFunction(kinds, "i", i);
        ok = mt_lazy.kinds[i] != NULL;
    }
    Py_XDECREF(kinds);
    if (!ok) {
        Py_XDECREF(row);
        if (!PyErr_Occurred()) PyErr_SetString(PyExc_TypeError, "Row is not a class");
        return -1;
    }
    mt_lazy.slot_values = slot_offset(row, mt_str_values);
    mt_lazy.slot_fields = slot_offset(row, mt_str_fields);
    mt_lazy.slot_from_dict = slot_offset(row, mt_str_from_dict);
    mt_lazy.slot_kind = slot_offset(row, mt_str_row_kind);
    mt_lazy.row = row;
    return 0;
}

int mt_need_decimal(void)
{
    if (mt_lazy.decimal == NULL) mt_lazy.decimal = import("decimal", "Decimal");
    return mt_lazy.decimal ? 0 : -1;
}

int mt_need_instant(void)
{
    if (mt_lazy.instant == NULL) mt_lazy.instant = import("martlet.common.time", "Instant");
    return mt_lazy.instant ? 0 : -1;
}

int mt_need_output_tag(void)
{
    if (mt_lazy.output_tag == NULL)
        mt_lazy.output_tag = import("martlet.datastream.output_tag", "OutputTag");
    return mt_lazy.output_tag ? 0 : -1;
}

int mt_need_pickle(void)
{
    if (mt_lazy.dumps == NULL && (mt_lazy.dumps = import("_pickle", "dumps")) == NULL) return -1;
    if (mt_lazy.loads == NULL) mt_lazy.loads = import("_pickle", "loads");
    return mt_lazy.loads ? 0 : -1;
}

int mt_need(const mt_type *type)
{
    switch (type->kind) {
    case MT_ROW: if (mt_need_row() < 0) return -1; break;
    case MT_DECIMAL: case MT_BIG_DECIMAL: if (mt_need_decimal() < 0) return -1; break;
    case MT_INSTANT: if (mt_need_instant() < 0) return -1; break;
    case MT_PICKLED: if (mt_need_pickle() < 0) return -1; break;
    case MT_DATE: case MT_TIME: case MT_TIMESTAMP: case MT_TIMESTAMP_LTZ: case MT_INTERVAL_DS:
        if (mt_need_datetime() < 0) return -1;
        break;
    default: break;
    }
    for (Py_ssize_t i = 0; i < type->count; i++)
        if (mt_need(type->children[i]) < 0) return -1;
    return 0;
}

/* ---- Row ----------------------------------------------------------------------------------- */

static int put(PyObject *row, Py_ssize_t slot, PyObject *name, PyObject *value)
{
    if (LIKELY(slot >= 0)) {
        PyObject **at = (PyObject **)((char *)row + slot), *old = *at;
        *at = mt_ref(value);
        Py_XDECREF(old);
        return 0;
    }
    return PyObject_GenericSetAttr(row, name, value);
}

PyObject *mt_row_new(PyObject *values, PyObject *fields, int kind)
{
    PyTypeObject *cls = (PyTypeObject *)mt_lazy.row;
    PyObject *row = cls->tp_alloc(cls, 0);
    if (row == NULL || put(row, mt_lazy.slot_values, mt_str_values, values) < 0 ||
        (fields != NULL && put(row, mt_lazy.slot_fields, mt_str_fields, fields) < 0) ||
        put(row, mt_lazy.slot_from_dict, mt_str_from_dict, Py_False) < 0 ||
        put(row, mt_lazy.slot_kind, mt_str_row_kind, mt_lazy.kinds[kind & 3]) < 0)
        Py_CLEAR(row);
    Py_DECREF(values);
    return row;
}

int mt_row_set_kind(PyObject *row, int kind)
{
    return put(row, mt_lazy.slot_kind, mt_str_row_kind, mt_lazy.kinds[kind & 3]);
}

bool mt_is_row(PyObject *value)
{
    return mt_lazy.row != NULL && PyObject_TypeCheck(value, (PyTypeObject *)mt_lazy.row);
}

int mt_row_kind(PyObject *row)
{
    PyObject *kind = PyObject_GetAttr(row, mt_str_row_kind);
    if (kind == NULL) return -1;
    int out = 0;
    while (out < 4 && kind != mt_lazy.kinds[out]) out++;
    if (out == 4) {
        PyObject *value = PyObject_GetAttr(kind, mt_str_value);
        long v = value ? PyLong_AsLong(value) : -1;
        Py_XDECREF(value);
        out = v >= 0 && v < 4 ? (int)v : -1;
        if (out < 0 && !PyErr_Occurred())
            PyErr_SetString(PyExc_ValueError, "the row has no valid RowKind");
    }
    Py_DECREF(kind);
    return out;
}

/* ---- pickle -------------------------------------------------------------------------------- */

static PyObject *cloudpickled(PyObject *value)
{
    if (mt_lazy.cloud_dumps == NULL &&
        (mt_lazy.cloud_dumps = import("cloudpickle", "dumps")) == NULL)
        return NULL;
    return PyObject_CallFunctionObjArgs(mt_lazy.cloud_dumps, value, NULL);
}

/* Objects of classes in a script's __main__ are pickled by value: there is no such module where
 * they are read. */
static bool names_main(PyObject *pickled)
{
    return memmem(PyBytes_AS_STRING(pickled), (size_t)PyBytes_GET_SIZE(pickled), "__main__", 8);
}

PyObject *mt_pickle(PyObject *value)
{
    static PyObject *protocol;
    if (protocol == NULL && (protocol = PyLong_FromLong(5)) == NULL) return NULL;
    PyObject *args[3] = {NULL, value, protocol};
    PyObject *out = PyObject_Vectorcall(mt_lazy.dumps, args + 1,
                                        2 | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
    if (out != NULL && !names_main(out)) return out;
    PyObject *type = NULL, *refusal = NULL, *trace = NULL;
    if (out == NULL) PyErr_Fetch(&type, &refusal, &trace);
    PyObject *second = cloudpickled(value);
    if (second == NULL && out != NULL) {
        PyErr_Clear();
        return out;
    }
    Py_XDECREF(out);
    if (second == NULL && PyErr_ExceptionMatches(PyExc_ImportError)) {
        PyErr_Restore(type, refusal, trace);
        return NULL;
    }
    Py_XDECREF(type);
    Py_XDECREF(refusal);
    Py_XDECREF(trace);
    return second;
}

PyObject *mt_unpickle(const uint8_t *data, Py_ssize_t length)
{
    PyObject *view = PyMemoryView_FromMemory((char *)data, length, PyBUF_READ);
    if (view == NULL) return NULL;
    PyObject *args[2] = {NULL, view};
    PyObject *out = PyObject_Vectorcall(mt_lazy.loads, args + 1,
                                        1 | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
    Py_DECREF(view);
    return out;
}
