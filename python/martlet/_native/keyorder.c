/* The order in which Flink's batch shuffle hands keys to a keyed operator: it sorts by the bytes of
 * the serialised key, as signed bytes (FixedLengthByteKeyComparator, VariableLengthByteKeyComparator
 * and BytesKeyNormalizationUtil). PyFlink's keys are rows of one field, ROW<key>. */
#include "native.h"
#include <stdlib.h>

static int put(mt_buffer *b, const void *data, size_t n)
{
    if (mt_buffer_reserve(b, n) < 0) return -1;
    memcpy(b->data + b->length, data, n);
    b->length += n;
    return 0;
}

static int put_byte(mt_buffer *b, unsigned v)
{
    uint8_t byte = (uint8_t)v;
    return put(b, &byte, 1);
}

static int put_big_endian(mt_buffer *b, uint64_t v, int bytes)
{
    uint8_t out[8];
    for (int i = 0; i < bytes; i++) out[i] = (uint8_t)(v >> (8 * (bytes - 1 - i)));
    return put(b, out, (size_t)bytes);
}

static int put_varint(mt_buffer *b, uint32_t v)
{
    for (; v >= 0x80; v >>= 7)
        if (put_byte(b, v | 0x80) < 0) return -1;
    return put_byte(b, v);
}

/* StringValue.writeString: length + 1, then UTF-16 units, all in groups of 7 bits. */
static int put_string(mt_buffer *b, PyObject *s)
{
    Py_ssize_t n = PyUnicode_GET_LENGTH(s), units = n;
    int kind = PyUnicode_KIND(s);
    const void *text = PyUnicode_DATA(s);
    for (Py_ssize_t i = 0; i < n; i++) units += PyUnicode_READ(kind, text, i) > 0xffff;
    if (put_varint(b, (uint32_t)units + 1) < 0) return -1;
    for (Py_ssize_t i = 0; i < n; i++) {
        Py_UCS4 c = PyUnicode_READ(kind, text, i);
        int out = c <= 0xffff ? put_varint(b, c)
                  : put_varint(b, 0xd7c0 + (c >> 10)) < 0 ? -1
                                                          : put_varint(b, 0xdc00 | (c & 0x3ff));
        if (out < 0) return -1;
    }
    return 0;
}

static int put_sized(mt_buffer *b, PyObject *bytes)
{
    if (bytes == NULL) return -1;
    int out = put_big_endian(b, (uint64_t)PyBytes_GET_SIZE(bytes), 4);
    if (out == 0) out = put(b, PyBytes_AS_STRING(bytes), (size_t)PyBytes_GET_SIZE(bytes));
    Py_DECREF(bytes);
    return out;
}

/* PyFlink pickles with the default protocol of the Pythons it supports. */
static PyObject *pickled(PyObject *key)
{
    if (mt_need_pickle() < 0) return NULL;
    PyObject *bytes = PyObject_CallFunction(mt_lazy.dumps, "Oi", key, 4);
    if (bytes != NULL) return bytes;
    PyErr_Clear();
    return mt_pickle(key);
}

/* BigIntSerializer: length + 4 and the bytes of a java.math.BigInteger; 0, 1 and 10 are short. */
static int put_big_integer(mt_buffer *b, PyObject *v)
{
    int overflow;
    long long small = PyLong_AsLongLongAndOverflow(v, &overflow);
    if (!overflow && (small == 0 || small == 1 || small == 10))
        return put_big_endian(b, small == 10 ? 3 : (uint64_t)small + 1, 4);
    /* bitLength() of a negative number is that of its complement. */
    PyObject *magnitude = overflow ? (overflow > 0 ? mt_ref(v) : PyNumber_Invert(v))
                                   : PyLong_FromLongLong(small < 0 ? ~small : small);
    PyObject *bits = magnitude ? PyObject_CallMethod(magnitude, "bit_length", NULL) : NULL;
    Py_ssize_t n = bits ? PyLong_AsSsize_t(bits) / 8 + 1 : 0;
    Py_XDECREF(magnitude);
    Py_XDECREF(bits);
    PyObject *to_bytes = n > 0 ? PyObject_GetAttrString(v, "to_bytes") : NULL;
    PyObject *args = to_bytes ? Py_BuildValue("(ns)", n, "big") : NULL;
    PyObject *kwargs = args ? Py_BuildValue("{sO}", "signed", Py_True) : NULL;
    PyObject *bytes = kwargs ? PyObject_Call(to_bytes, args, kwargs) : NULL;
    int out = bytes ? put_big_endian(b, (uint64_t)n + 4, 4) : -1;
    if (out == 0) out = put(b, PyBytes_AS_STRING(bytes), (size_t)n);
    Py_XDECREF(to_bytes);
    Py_XDECREF(args);
    Py_XDECREF(kwargs);
    Py_XDECREF(bytes);
    return out;
}

/* BigDecSerializer: the unscaled value, then the scale. */
static int put_big_decimal(mt_buffer *b, PyObject *v)
{
    PyObject *parts = PyObject_CallMethod(v, "as_tuple", NULL), *unscaled = NULL;
    int sign, exponent, out = -1;
    PyObject *digits;
    if (parts != NULL && PyArg_ParseTuple(parts, "iO!i", &sign, &PyTuple_Type, &digits, &exponent)) {
        char *text = PyMem_Malloc((size_t)PyTuple_GET_SIZE(digits) + 2), *at = text;
        if (text != NULL) {
            if (sign) *at++ = '-';
            for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(digits); i++)
                *at++ = (char)('0' + PyLong_AsLong(PyTuple_GET_ITEM(digits, i)));
            *at = 0;
            unscaled = PyLong_FromString(text, NULL, 10);
            PyMem_Free(text);
        }
        if (unscaled != NULL) out = put_big_integer(b, unscaled);
        if (out == 0) out = put_big_endian(b, (uint64_t)(int64_t)-exponent, 4);
    }
    Py_XDECREF(parts);
    Py_XDECREF(unscaled);
    return out;
}

static int put_key(mt_buffer *b, const mt_type *t, PyObject *v);

static int put_fields(mt_buffer *b, const mt_type *t, PyObject *values, bool mask)
{
    if (PySequence_Fast_GET_SIZE(values) != t->count) {
        PyErr_SetString(PyExc_ValueError, "the key has another number of fields than its type");
        return -1;
    }
    PyObject **items = PySequence_Fast_ITEMS(values);
    if (mask) /* two bits of row kind, then a bit for each null */
        for (Py_ssize_t byte = 0; byte < (t->count + 9) / 8; byte++) {
            unsigned bits = 0;
            for (Py_ssize_t i = byte * 8; i < byte * 8 + 8; i++)
                bits = bits << 1 | (i >= 2 && i - 2 < t->count && items[i - 2] == Py_None);
            if (put_byte(b, bits) < 0) return -1;
        }
    for (Py_ssize_t i = 0; i < t->count; i++)
        if (items[i] != Py_None && put_key(b, t->children[i], items[i]) < 0) return -1;
    return 0;
}

static int put_elements(mt_buffer *b, const mt_type *t, PyObject *v)
{
    if (put_big_endian(b, (uint64_t)PyList_GET_SIZE(v), 4) < 0) return -1;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(v); i++)
        if (put_key(b, t->children[0], PyList_GET_ITEM(v, i)) < 0) return -1;
    return 0;
}

static int put_float(mt_buffer *b, const mt_type *t, double d)
{
    uint64_t bits;
    if (t->kind == MT_DOUBLE) {
        memcpy(&bits, &d, 8);
        return put_big_endian(b, bits, 8);
    }
    float f = (float)d;
    uint32_t bits32;
    memcpy(&bits32, &f, 4);
    return put_big_endian(b, bits32, 4);
}

static int integer_width(mt_kind kind)
{
    switch (kind) {
    case MT_TINYINT: return 1;
    case MT_SMALLINT: return 2;
    case MT_INT: case MT_INTERVAL_YM: return 4;
    default: return 8;
    }
}

/* Types that have no TypeInformation in PyFlink are ordered by their text. */
static int put_text(mt_buffer *b, PyObject *v)
{
    PyObject *text = PyObject_Str(v);
    int out = text ? put_string(b, text) : -1;
    Py_XDECREF(text);
    return out;
}

static int put_key(mt_buffer *b, const mt_type *t, PyObject *v)
{
    if (v == Py_None) return 0;
    if (t == NULL || t->kind == MT_PICKLED) return put_sized(b, pickled(v));
    switch (t->kind) {
    case MT_BOOLEAN: return put_byte(b, v == Py_True);
    case MT_TINYINT: case MT_SMALLINT: case MT_INT: case MT_BIGINT: case MT_INTERVAL_YM:
        return put_big_endian(b, (uint64_t)PyLong_AsLongLong(v), integer_width(t->kind));
    case MT_FLOAT: case MT_DOUBLE: return put_float(b, t, PyFloat_AsDouble(v));
    case MT_BIG_INTEGER: return put_big_integer(b, v);
    case MT_BIG_DECIMAL: return put_big_decimal(b, v);
    case MT_CHAR: case MT_VARCHAR: return put_string(b, v);
    case MT_BINARY: case MT_VARBINARY: case MT_RAW: return put_sized(b, PyBytes_FromObject(v));
    case MT_DATE: case MT_TIME: case MT_TIMESTAMP: case MT_TIMESTAMP_LTZ: {
        /* java.sql.Date, Time and Timestamp: milliseconds, and for the last one nanoseconds. */
        int64_t ms, nanos;
        mt_temporal_millis(t->kind, v, &ms, &nanos);
        if (put_big_endian(b, (uint64_t)ms, 8) < 0) return -1;
        return t->kind == MT_DATE || t->kind == MT_TIME ? 0 : put_big_endian(b, (uint64_t)nanos, 4);
    }
    case MT_TUPLE: return put_fields(b, t, v, false);
    case MT_ROW: {
        PyObject *values = PyObject_GetAttr(v, mt_str_values);
        int out = values && PyList_Check(values) ? put_fields(b, t, values, true) : -1;
        Py_XDECREF(values);
        return out;
    }
    case MT_ARRAY: case MT_LIST: return put_elements(b, t, v);
    default: return put_text(b, v);
    }
}

int mt_flink_key(mt_buffer *out, mt_type *key_type, PyObject *key)
{
    if (put_byte(out, key == Py_None ? 0x20 : 0) < 0) return -1;
    int result = put_key(out, key_type, key);
    if (result == 0 && PyErr_Occurred()) return -1;
    return result;
}

/* ---- sorting -------------------------------------------------------------------------------- */

typedef struct {
    size_t from, length;
    const uint8_t *bytes;
    Py_ssize_t index;
    PyObject *key, *entry; /* borrowed from the dict */
} sortable;

static int compare(const void *a, const void *b)
{
    const sortable *x = a, *y = b;
    size_t n = x->length < y->length ? x->length : y->length;
    for (size_t i = 0; i < n; i++)
        if (x->bytes[i] != y->bytes[i]) return (int8_t)x->bytes[i] < (int8_t)y->bytes[i] ? -1 : 1;
    if (x->length != y->length) return x->length < y->length ? -1 : 1;
    return x->index < y->index ? -1 : 1;
}

PyObject *mt_store_sorted(mt_store *k, mt_type *key_type)
{
    Py_ssize_t n = PyDict_GET_SIZE(k->records), at = 0, count = 0;
    sortable *items = PyMem_RawMalloc(((size_t)n + 1) * sizeof *items);
    mt_buffer bytes = {0};
    PyObject *out = NULL, *canonical, *entry;
    if (items == NULL) {
        PyErr_NoMemory();
        goto done;
    }
    while (count < n && PyDict_Next(k->records, &at, &canonical, &entry)) {
        size_t from = bytes.length;
        PyObject *key = mt_record_key(canonical, (mt_record *)entry);
        if (mt_flink_key(&bytes, key_type, key) < 0) goto done;
        items[count] = (sortable){from, bytes.length - from, NULL, count, key, entry};
        count++;
    }
    for (Py_ssize_t i = 0; i < count; i++) items[i].bytes = bytes.data + items[i].from;
    qsort(items, (size_t)count, sizeof *items, compare);
    out = PyList_New(count);
    for (Py_ssize_t i = 0; out != NULL && i < count; i++) {
        PyObject *pair = PyTuple_Pack(2, items[i].key, items[i].entry);
        if (pair == NULL)
            Py_CLEAR(out);
        else
            PyList_SET_ITEM(out, i, pair);
    }
done:
    PyMem_RawFree(items);
    PyMem_RawFree(bytes.data);
    return out;
}

PyObject *mt_flink_key_py(PyObject *module, PyObject *args)
{
    PyObject *text, *key;
    (void)module;
    if (!PyArg_ParseTuple(args, "OO:flink_key", &text, &key)) return NULL;
    mt_type *type = mt_type_from(text);
    if (type == NULL) return NULL;
    mt_buffer b = {0};
    PyObject *out = NULL;
    if (mt_need(type) == 0 && mt_flink_key(&b, type, key) == 0)
        out = PyBytes_FromStringAndSize((const char *)b.data, (Py_ssize_t)b.length);
    PyMem_RawFree(b.data);
    Py_DECREF(type);
    return out;
}
