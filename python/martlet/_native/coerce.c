/* A value as it would come out of a column of its type. Where two functions are separated by an
 * exchange in Flink, but run in one stage here, the second must see the declared type all the same:
 * a Row with its names where the first returned a tuple, a float where it returned an int. */
#include "native.h"

static bool fits(PyObject *v, int64_t low, int64_t high)
{
    int overflow;
    if (!PyLong_CheckExact(v)) return false;
#if PY_VERSION_HEX < 0x030c0000 && PyLong_SHIFT == 30
    if (LIKELY(Py_SIZE(v) >= -1 && Py_SIZE(v) <= 1 && high >= INT32_MAX)) return true;
    if (LIKELY(Py_SIZE(v) >= -2 && Py_SIZE(v) <= 2 && high == INT64_MAX)) return true;
#endif
    long long n = PyLong_AsLongLongAndOverflow(v, &overflow);
    return !overflow && n >= low && n <= high;
}

static bool all_fit(const mt_type *t, PyObject *items, bool same_child);

/* Whether the value is already as a reader would make it. False may also mean "not sure". */
static bool canonical(const mt_type *t, PyObject *v)
{
    if (v == Py_None) return t->nullable;
    switch (t->kind) {
    case MT_BOOLEAN: return PyBool_Check(v);
    case MT_TINYINT: return fits(v, INT8_MIN, INT8_MAX);
    case MT_SMALLINT: return fits(v, INT16_MIN, INT16_MAX);
    case MT_INT: case MT_INTERVAL_YM: return fits(v, INT32_MIN, INT32_MAX);
    case MT_BIGINT: return fits(v, INT64_MIN, INT64_MAX);
    case MT_BIG_INTEGER: return PyLong_CheckExact(v);
    case MT_DOUBLE: return PyFloat_CheckExact(v);
    case MT_FLOAT:
        return PyFloat_CheckExact(v) && (double)(float)PyFloat_AS_DOUBLE(v) == PyFloat_AS_DOUBLE(v);
    case MT_CHAR: case MT_VARCHAR: return PyUnicode_CheckExact(v);
    case MT_BINARY: case MT_VARBINARY: case MT_RAW: return PyBytes_CheckExact(v);
    case MT_PICKLED: return true;
    case MT_DATE: case MT_TIME: return mt_is_temporal(t->kind, v);
    case MT_ARRAY: case MT_LIST: return PyList_CheckExact(v) && all_fit(t, v, true);
    case MT_TUPLE:
        return PyTuple_CheckExact(v) && PyTuple_GET_SIZE(v) == t->count && all_fit(t, v, false);
    case MT_ROW: {
        if (!Py_IS_TYPE(v, (PyTypeObject *)mt_lazy.row)) return false;
        PyObject *fields = PyObject_GenericGetAttr(v, mt_str_fields);
        PyObject *values = fields ? PyObject_GenericGetAttr(v, mt_str_values) : NULL;
        int same = values == NULL ? -1 : PyObject_RichCompareBool(fields, t->names, Py_EQ);
        bool out = same == 1 && PyList_CheckExact(values) && PyList_GET_SIZE(values) == t->count &&
                   all_fit(t, values, false);
        PyErr_Clear();
        Py_XDECREF(fields);
        Py_XDECREF(values);
        return out;
    }
    default: return false;
    }
}

static bool all_fit(const mt_type *t, PyObject *items, bool same_child)
{
    for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(items); i++)
        if (!canonical(t->children[same_child ? 0 : i], PySequence_Fast_GET_ITEM(items, i)))
            return false;
    return true;
}

static PyObject *round_trip(mt_type *type, PyObject *value, mt_encoding *encoding)
{
    mt_writer w, *column = &w;
    mt_reader r;
    mt_body b;
    PyObject *out = NULL;
    uint8_t *memory = NULL;
    memset(&r, 0, sizeof r);
    if (mt_writer_init(&w, type, encoding) < 0 || mt_write(&w, value) < 0) goto done;
    size_t size = mt_layout_size(&column, 1);
    if ((memory = PyMem_RawMalloc(size)) == NULL) {
        PyErr_NoMemory();
        goto done;
    }
    mt_layout_copy(&column, 1, 1, memory);
    if (mt_reader_init(&r, type) == 0 && mt_body_open(&b, memory, size) == 0 &&
        mt_reader_bind(&r, &b, 1) == 0)
        out = r.read(&r, 0);
    if (out != NULL && type->kind == MT_ROW && mt_is_row(value) && mt_is_row(out)) {
        int kind = mt_row_kind(value);
        if (kind < 0 || mt_row_set_kind(out, kind) < 0) Py_CLEAR(out);
    }
done:
    PyMem_RawFree(memory);
    mt_reader_free(&r);
    mt_writer_free(&w);
    return out;
}

PyObject *mt_coerce(mt_type *type, PyObject *value, mt_encoding *encoding)
{
    if (type->kind == MT_PICKLED || LIKELY(canonical(type, value))) return value;
    PyObject *out = round_trip(type, value, encoding);
    if (out == NULL) mt_raise(encoding, -1);
    Py_DECREF(value);
    return out;
}
