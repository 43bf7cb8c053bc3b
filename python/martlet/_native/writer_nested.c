/* Lists, maps, rows and tuples to columns. Items are held while they are written: converting one
 * can run Python code, which can change the container. */
#include "native.h"

static int write_item(mt_writer *w, PyObject *item)
{
    Py_INCREF(item);
    int out = mt_write(w, item);
    Py_DECREF(item);
    return out;
}

/* A list or tuple with the values of `v`; NULL, perhaps without an exception, if it has none. */
static PyObject *sequence(PyObject *v)
{
    if (PyList_Check(v) || PyTuple_Check(v)) return mt_ref(v);
    if (PyUnicode_Check(v) || PyBytes_Check(v) || PyByteArray_Check(v) || !PySequence_Check(v))
        return NULL;
    return PySequence_Fast(v, "");
}

int mt_write_array(mt_writer *w, PyObject *v)
{
    PyObject *items = sequence(v);
    if (items == NULL) return mt_misfit(w, v, NULL);
    mt_writer *child = w->children;
    Py_ssize_t i;
    for (i = 0; i < PySequence_Fast_GET_SIZE(items); i++)
        if (UNLIKELY(write_item(child, PySequence_Fast_GET_ITEM(items, i)) < 0)) {
            Py_DECREF(items);
            return mt_inside(w, "element %zd", i);
        }
    Py_DECREF(items);
    if (child->rows > INT32_MAX) return mt_misfit(w, v, "a batch holds at most 2^31 elements");
    w->encoding->bytes += (size_t)i * child->width;
    if (mt_push_offset(w, child->rows) < 0) return -1;
    return mt_mark_valid(w);
}

static int write_pair(mt_writer *w, PyObject *key, PyObject *value)
{
    if (write_item(&w->children[0], key) < 0) return mt_inside(w, "a key");
    if (write_item(&w->children[1], value) < 0) return mt_inside(w, "value of key %.60R", key);
    w->encoding->bytes += w->children[0].width + w->children[1].width;
    return 0;
}

int mt_write_map(mt_writer *w, PyObject *v)
{
    if (LIKELY(PyDict_Check(v))) {
        PyObject *key, *value;
        Py_ssize_t at = 0;
        while (PyDict_Next(v, &at, &key, &value)) {
            Py_INCREF(key);
            Py_INCREF(value);
            int out = write_pair(w, key, value);
            Py_DECREF(key);
            Py_DECREF(value);
            if (out < 0) return -1;
        }
    } else {
        if (PyList_Check(v) || PyTuple_Check(v) || PyUnicode_Check(v) || !PyMapping_Check(v))
            return mt_misfit(w, v, NULL);
        PyObject *items = PyMapping_Items(v);
        if (items == NULL) return mt_misfit(w, v, NULL);
        for (Py_ssize_t i = 0; i < PyList_GET_SIZE(items); i++) {
            PyObject *pair = PyList_GET_ITEM(items, i);
            int out = PyTuple_Check(pair) && PyTuple_GET_SIZE(pair) == 2
                          ? write_pair(w, PyTuple_GET_ITEM(pair, 0), PyTuple_GET_ITEM(pair, 1))
                          : mt_misfit(w, v, NULL);
            if (out < 0) {
                Py_DECREF(items);
                return -1;
            }
        }
        Py_DECREF(items);
    }
    if (w->children[0].rows > INT32_MAX || w->children[0].rows != w->children[1].rows)
        return mt_misfit(w, v, "a batch holds at most 2^31 entries");
    if (mt_push_offset(w, w->children[0].rows) < 0) return -1;
    return mt_mark_valid(w);
}

/* ---- rows and tuples -------------------------------------------------------------------------- */

static int inside_field(mt_writer *w, Py_ssize_t i)
{
    if (w->type->names == NULL) return mt_inside(w, "[%zd]", i);
    return mt_inside(w, "field '%U'", PyList_GET_ITEM(w->type->names, i));
}

/* By position, from a list or tuple. */
static int write_positions(mt_writer *w, PyObject *v, PyObject *items)
{
    Py_ssize_t n = PySequence_Fast_GET_SIZE(items);
    if (UNLIKELY(n != w->count))
        return mt_misfit(w, v, "it has %zd values instead of %zd", n, w->count);
    mt_writer *child = w->children;
    if (LIKELY(PyTuple_Check(items))) {
        for (Py_ssize_t i = 0; i < n; i++, child++)
            if (UNLIKELY(mt_write(child, PyTuple_GET_ITEM(items, i)) < 0)) return inside_field(w, i);
    } else {
        for (Py_ssize_t i = 0; i < n; i++, child++) {
            if (UNLIKELY(PyList_GET_SIZE(items) != n)) return mt_misfit(w, v, "it changes size");
            if (UNLIKELY(write_item(child, PyList_GET_ITEM(items, i)) < 0)) return inside_field(w, i);
        }
    }
    return mt_mark_valid(w);
}

/* An attribute without the class's own __getattr__; NULL without an exception if it is not there. */
static PyObject *plain_attribute(PyObject *v, Py_ssize_t slot, PyObject *name)
{
    if (slot >= 0) {
        PyObject *value = *(PyObject **)((char *)v + slot);
        return value ? mt_ref(value) : NULL;
    }
    PyObject *value = PyObject_GenericGetAttr(v, name);
    if (value == NULL && PyErr_ExceptionMatches(PyExc_AttributeError)) PyErr_Clear();
    return value;
}

/* Whether names are f0, f1, … as in a ROW that was declared without names. */
static bool default_names(PyObject *names)
{
    char expected[24];
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(names); i++) {
        snprintf(expected, sizeof expected, "f%zd", i);
        if (PyUnicode_CompareWithASCIIString(PyList_GET_ITEM(names, i), expected) != 0) return false;
    }
    return true;
}

/* Where each field of the type stands in a Row's names: 1 in place, 0 elsewhere, -1 error. */
static int same_names(PyObject *fields, PyObject *names)
{
    if (fields == names) return 1;
    if (PySequence_Fast_GET_SIZE(fields) != PyList_GET_SIZE(names)) return 0;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(names); i++) {
        int same = PyObject_RichCompareBool(PySequence_Fast_GET_ITEM(fields, i),
                                            PyList_GET_ITEM(names, i), Py_EQ);
        if (same != 1) return same;
    }
    return 1;
}

static int write_by_name(mt_writer *w, PyObject *v, PyObject *fields, PyObject *values)
{
    PyObject *names = w->type->names;
    for (Py_ssize_t i = 0; i < w->count; i++) {
        Py_ssize_t at = PySequence_Index(fields, PyList_GET_ITEM(names, i));
        if (at < 0) {
            PyErr_Clear();
            return mt_misfit(w, v, "it has no field '%U'", PyList_GET_ITEM(names, i));
        }
        PyObject *item = PySequence_GetItem(values, at);
        if (item == NULL) return mt_misfit(w, v, NULL);
        int out = mt_write(&w->children[i], item);
        Py_DECREF(item);
        if (out < 0) return inside_field(w, i);
    }
    return mt_mark_valid(w);
}

/* A Row: by name if it has names, else by position. */
static int write_row_object(mt_writer *w, PyObject *v, bool by_name)
{
    PyObject *values = plain_attribute(v, mt_lazy.slot_values, mt_str_values);
    if (values == NULL || !PyList_Check(values)) {
        Py_XDECREF(values);
        return mt_misfit(w, v, "it has no values");
    }
    PyObject *fields = by_name ? plain_attribute(v, mt_lazy.slot_fields, mt_str_fields) : NULL;
    int out;
    if (PyErr_Occurred()) {
        out = mt_misfit(w, v, NULL);
    } else if (fields == NULL || !(PyList_Check(fields) || PyTuple_Check(fields))) {
        out = write_positions(w, v, values);
    } else {
        int same = same_names(fields, w->type->names);
        if (same < 0)
            out = mt_misfit(w, v, NULL);
        else if (same || default_names(w->type->names))
            out = write_positions(w, v, values);
        else
            out = write_by_name(w, v, fields, values);
    }
    Py_XDECREF(fields);
    Py_DECREF(values);
    return out;
}

static int write_dict(mt_writer *w, PyObject *v)
{
    for (Py_ssize_t i = 0; i < w->count; i++) {
        PyObject *name = PyList_GET_ITEM(w->type->names, i);
        PyObject *item = PyDict_GetItemWithError(v, name);
        if (item == NULL) return mt_misfit(w, v, "it has no field '%U'", name);
        if (write_item(&w->children[i], item) < 0) return inside_field(w, i);
    }
    return mt_mark_valid(w);
}

/* Any object with an attribute for each field. */
static int write_attributes(mt_writer *w, PyObject *v)
{
    for (Py_ssize_t i = 0; i < w->count; i++) {
        PyObject *name = PyList_GET_ITEM(w->type->names, i), *item = PyObject_GetAttr(v, name);
        if (item == NULL) {
            if (PyErr_ExceptionMatches(PyExc_AttributeError)) PyErr_Clear();
            return i == 0 && !PyErr_Occurred() ? mt_misfit(w, v, NULL)
                                               : mt_misfit(w, v, "it has no field '%U'", name);
        }
        int out = mt_write(&w->children[i], item);
        Py_DECREF(item);
        if (out < 0) return inside_field(w, i);
    }
    return mt_mark_valid(w);
}

int mt_write_row(mt_writer *w, PyObject *v)
{
    if (PyTuple_Check(v) || PyList_Check(v)) return write_positions(w, v, v);
    if (mt_is_row(v)) return write_row_object(w, v, true);
    if (PyDict_Check(v)) return write_dict(w, v);
    if (PyUnicode_Check(v) || PyBytes_Check(v) || PyLong_Check(v) || PyFloat_Check(v) ||
        w->count == 0)
        return mt_misfit(w, v, NULL);
    return write_attributes(w, v);
}

int mt_write_tuple(mt_writer *w, PyObject *v)
{
    if (LIKELY(PyTuple_Check(v)) || PyList_Check(v)) return write_positions(w, v, v);
    if (mt_lazy.row == NULL && mt_need_row() < 0) {
        PyErr_Clear();
        return mt_misfit(w, v, NULL);
    }
    return mt_is_row(v) ? write_row_object(w, v, false) : mt_misfit(w, v, NULL);
}
