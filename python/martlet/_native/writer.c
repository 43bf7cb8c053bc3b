/* Python values to columns: memory, nulls, misfits and the plain kinds. */
#include "native.h"

/* ---- memory --------------------------------------------------------------------------------- */

int mt_buffer_grow(mt_buffer *b, size_t more)
{
    if (more > PY_SSIZE_T_MAX / 2 - b->length) {
        PyErr_NoMemory();
        return -1;
    }
    size_t capacity = b->capacity ? b->capacity : 256;
    while (capacity < b->length + more) capacity *= 2;
    uint8_t *grown = PyMem_RawRealloc(b->data, capacity);
    if (grown == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    b->data = grown;
    b->capacity = capacity;
    return 0;
}

static void buffer_free(mt_buffer *b)
{
    PyMem_RawFree(b->data);
    memset(b, 0, sizeof *b);
}

void mt_writer_free(mt_writer *w)
{
    for (Py_ssize_t i = 0; i < w->count; i++) mt_writer_free(&w->children[i]);
    PyMem_Free(w->children);
    w->children = NULL;
    w->count = 0;
    buffer_free(&w->validity);
    buffer_free(&w->offsets);
    buffer_free(&w->data);
}

void mt_writer_clear(mt_writer *w)
{
    w->rows = 0;
    w->has_nulls = false;
    w->validity.length = w->offsets.length = w->data.length = 0;
    for (Py_ssize_t i = 0; i < w->count; i++) mt_writer_clear(&w->children[i]);
}

void mt_writer_exact(mt_writer *w)
{
    w->exact = true;
    for (Py_ssize_t i = 0; i < w->count; i++) mt_writer_exact(&w->children[i]);
}

/* ---- nulls ---------------------------------------------------------------------------------- */

static int begin_nulls(mt_writer *w)
{
    size_t bytes = ((size_t)w->rows + 7) / 8;
    if (mt_buffer_reserve(&w->validity, bytes + 1) < 0) return -1;
    memset(w->validity.data, 0xff, bytes);
    if (w->rows & 7) w->validity.data[bytes - 1] = (uint8_t)((1u << (w->rows & 7)) - 1);
    w->validity.length = bytes;
    w->has_nulls = true;
    return 0;
}

int mt_push_offset(mt_writer *w, size_t offset)
{
    if (mt_buffer_reserve(&w->offsets, 8) < 0) return -1;
    int32_t v = 0;
    if (w->offsets.length == 0) {
        memcpy(w->offsets.data, &v, 4);
        w->offsets.length = 4;
    }
    v = (int32_t)offset;
    memcpy(w->offsets.data + w->offsets.length, &v, 4);
    w->offsets.length += 4;
    return 0;
}

/* A null, or below a null parent an empty value where null is not allowed. */
int mt_write_null(mt_writer *w)
{
    const mt_type *t = w->type;
    if (t->kind == MT_NULL) {
        w->rows++;
        return 0;
    }
    if (t->nullable && !w->has_nulls && begin_nulls(w) < 0) return -1;
    size_t size = mt_fixed_size(t);
    if (size > 0) {
        if (mt_buffer_reserve(&w->data, size) < 0) return -1;
        memset(w->data.data + w->data.length, 0, size);
        w->data.length += size;
    } else if (t->kind == MT_BOOLEAN) {
        if ((w->rows & 7) == 0) {
            if (mt_buffer_reserve(&w->data, 1) < 0) return -1;
            w->data.data[w->data.length++] = 0;
        }
    } else if (t->kind == MT_ROW || t->kind == MT_TUPLE) {
        for (Py_ssize_t i = 0; i < w->count; i++)
            if (mt_write_null(&w->children[i]) < 0) return -1;
    } else if (mt_push_offset(w, w->count ? w->children[0].rows : w->data.length) < 0) {
        return -1;
    }
    if (!t->nullable) return mt_mark_valid(w);
    if ((w->rows & 7) == 0) {
        if (mt_buffer_reserve(&w->validity, 1) < 0) return -1;
        w->validity.data[w->validity.length++] = 0;
    }
    w->rows++;
    return 0;
}

int mt_write_none(mt_writer *w)
{
    if (UNLIKELY(!w->type->nullable)) return mt_misfit(w, Py_None, NULL);
    return mt_write_null(w);
}

/* ---- misfits -------------------------------------------------------------------------------- */

PyObject *mt_EncodeError;

void mt_encoding_clear(mt_encoding *e)
{
    e->expected = NULL;
    Py_CLEAR(e->value);
    Py_CLEAR(e->cause);
    Py_CLEAR(e->detail);
    Py_CLEAR(e->path);
}

int mt_misfit(mt_writer *w, PyObject *value, const char *format, ...)
{
    mt_encoding *e = w->encoding;
    mt_encoding_clear(e);
    if (PyErr_Occurred()) {
        if (PyErr_ExceptionMatches(PyExc_MemoryError)) return -1;
        PyObject *type, *trace;
        PyErr_Fetch(&type, &e->cause, &trace);
        PyErr_NormalizeException(&type, &e->cause, &trace);
        Py_XDECREF(type);
        Py_XDECREF(trace);
    }
    e->expected = w->type;
    e->value = mt_ref(value);
    if (format != NULL) {
        va_list args;
        va_start(args, format);
        e->detail = PyUnicode_FromFormatV(format, args);
        va_end(args);
        PyErr_Clear();
    }
    return -1;
}

int mt_inside(mt_writer *w, const char *format, ...)
{
    mt_encoding *e = w->encoding;
    if (e->expected == NULL) return -1; /* another exception is on its way */
    va_list args;
    va_start(args, format);
    PyObject *part = PyUnicode_FromFormatV(format, args);
    va_end(args);
    if (part != NULL && e->path != NULL) {
        PyObject *joined = PyUnicode_FromFormat("%U of %U", e->path, part);
        Py_DECREF(part);
        part = joined;
    }
    if (part == NULL)
        PyErr_Clear();
    else
        Py_XSETREF(e->path, part);
    return -1;
}

static PyObject *shown(PyObject *value)
{
    if (value == Py_None) return PyUnicode_FromString("None");
    const char *name = strrchr(Py_TYPE(value)->tp_name, '.');
    name = name ? name + 1 : Py_TYPE(value)->tp_name;
    PyObject *repr = PyObject_Repr(value);
    if (repr == NULL) {
        PyErr_Clear();
        return PyUnicode_FromFormat("%s <its repr fails>", name);
    }
    bool cut = PyUnicode_GET_LENGTH(repr) > 100;
    PyObject *head = cut ? PyUnicode_Substring(repr, 0, 100) : mt_ref(repr);
    PyObject *out = head ? PyUnicode_FromFormat("%s %U%s", name, head, cut ? "…" : "") : NULL;
    Py_DECREF(repr);
    Py_XDECREF(head);
    return out;
}

static void attach(PyObject *error, const char *name, PyObject *value /* stolen */)
{
    if (value == NULL || PyObject_SetAttrString(error, name, value) < 0) PyErr_Clear();
    Py_XDECREF(value);
}

void mt_raise(mt_encoding *e, Py_ssize_t row)
{
    if (e->expected == NULL) return;
    PyObject *expected = mt_type_text(e->expected), *got = expected ? shown(e->value) : NULL;
    PyObject *where = NULL, *message = NULL, *error = NULL;
    if (got == NULL) goto done;
    if (row >= 0)
        where = e->path ? PyUnicode_FromFormat("%U of row %zd: ", e->path, row)
                        : PyUnicode_FromFormat("row %zd: ", row);
    else
        where = e->path ? PyUnicode_FromFormat("%U: ", e->path) : PyUnicode_FromString("");
    if (where == NULL) goto done;
    message = e->detail ? PyUnicode_FromFormat("%Uexpected %U, got %U: %U", where, expected, got,
                                               e->detail)
                        : PyUnicode_FromFormat("%Uexpected %U, got %U", where, expected, got);
    error = message ? PyObject_CallFunctionObjArgs(mt_EncodeError, message, NULL) : NULL;
    if (error == NULL) goto done;
    attach(error, "row", row >= 0 ? PyLong_FromSsize_t(row) : mt_ref(Py_None));
    attach(error, "path", e->path ? mt_ref(e->path) : PyUnicode_FromString(""));
    attach(error, "expected", mt_ref(expected));
    attach(error, "value", mt_ref(got));
    if (e->cause != NULL) PyException_SetCause(error, mt_ref(e->cause));
    PyErr_SetObject(mt_EncodeError, error);
done:
    Py_XDECREF(got);
    Py_XDECREF(where);
    Py_XDECREF(message);
    Py_XDECREF(error);
    mt_encoding_clear(e);
}

/* ---- numbers -------------------------------------------------------------------------------- */

static int write_boolean(mt_writer *w, PyObject *v)
{
    int truth;
    if (LIKELY(PyBool_Check(v))) {
        truth = v == Py_True;
    } else if (strncmp(Py_TYPE(v)->tp_name, "numpy.bool", 10) == 0) {
        if ((truth = PyObject_IsTrue(v)) < 0) return mt_misfit(w, v, NULL);
    } else {
        return mt_misfit(w, v, NULL);
    }
    if ((w->rows & 7) == 0) {
        if (mt_buffer_reserve(&w->data, 1) < 0) return -1;
        w->data.data[w->data.length++] = 0;
    }
    w->data.data[w->rows >> 3] |= (uint8_t)(truth << (w->rows & 7));
    return mt_mark_valid(w);
}

/* An int, or what has __index__ (numpy's integers). */
static int integer(mt_writer *w, PyObject *v, int64_t low, int64_t high, int64_t *out)
{
    int overflow;
    long long n;
    if (LIKELY(PyLong_Check(v))) {
        n = PyLong_AsLongLongAndOverflow(v, &overflow);
    } else {
        if (!PyIndex_Check(v)) return mt_misfit(w, v, NULL);
        PyObject *index = PyNumber_Index(v);
        if (index == NULL) return mt_misfit(w, v, NULL);
        n = PyLong_AsLongLongAndOverflow(index, &overflow);
        Py_DECREF(index);
    }
    if (UNLIKELY(overflow || n < low || n > high)) return mt_misfit(w, v, "it is out of range");
    *out = n;
    return 0;
}

#define WRITE_INTEGER(name, ctype, low, high)                                                      \
    static int name(mt_writer *w, PyObject *v)                                                     \
    {                                                                                              \
        int64_t n = 0;                                                                               \
        if (UNLIKELY(integer(w, v, low, high, &n) < 0)) return -1;                                 \
        ctype c = (ctype)n;                                                                        \
        return mt_put(w, &c, sizeof c);                                                            \
    }

WRITE_INTEGER(write_tinyint, int8_t, INT8_MIN, INT8_MAX)
WRITE_INTEGER(write_smallint, int16_t, INT16_MIN, INT16_MAX)
WRITE_INTEGER(write_int, int32_t, INT32_MIN, INT32_MAX)
WRITE_INTEGER(write_bigint, int64_t, INT64_MIN, INT64_MAX)

static int real(mt_writer *w, PyObject *v, double *out)
{
    if (LIKELY(PyFloat_CheckExact(v))) {
        *out = PyFloat_AS_DOUBLE(v);
        return 0;
    }
    if (!PyLong_Check(v) && (Py_TYPE(v)->tp_as_number == NULL ||
                             (Py_TYPE(v)->tp_as_number->nb_float == NULL && !PyIndex_Check(v))))
        return mt_misfit(w, v, NULL);
    *out = PyFloat_AsDouble(v);
    if (*out == -1.0 && PyErr_Occurred()) return mt_misfit(w, v, NULL);
    return 0;
}

static int write_double(mt_writer *w, PyObject *v)
{
    double d = 0;
    if (UNLIKELY(real(w, v, &d) < 0)) return -1;
    return mt_put(w, &d, 8);
}

static int write_float(mt_writer *w, PyObject *v)
{
    double d = 0;
    if (UNLIKELY(real(w, v, &d) < 0)) return -1;
    float f = (float)d;
    if (UNLIKELY(f - f != 0 && d - d == 0)) return mt_misfit(w, v, "it is out of range");
    return mt_put(w, &f, 4);
}

static int write_null_kind(mt_writer *w, PyObject *v)
{
    return mt_misfit(w, v, NULL);
}

/* ---- text and bytes --------------------------------------------------------------------------- */

int mt_put_bytes(mt_writer *w, const void *data, Py_ssize_t length, PyObject *value)
{
    if (UNLIKELY((size_t)length > INT32_MAX - w->data.length))
        return mt_misfit(w, value, "a column of one batch holds at most 2 GiB");
    if (mt_buffer_reserve(&w->data, (size_t)length) < 0) return -1;
    memcpy(w->data.data + w->data.length, data, (size_t)length);
    w->data.length += (size_t)length;
    w->encoding->bytes += (size_t)length;
    if (mt_push_offset(w, w->data.length) < 0) return -1;
    return mt_mark_valid(w);
}

/* UTF-8 written straight into the column, so that the str keeps no copy of it. */
static int put_wide(mt_writer *w, PyObject *v)
{
    Py_ssize_t n = PyUnicode_GET_LENGTH(v);
    int kind = PyUnicode_KIND(v);
    const void *text = PyUnicode_DATA(v);
    if ((size_t)n > (INT32_MAX - w->data.length) / 4)
        return mt_misfit(w, v, "a column of one batch holds at most 2 GiB");
    if (mt_buffer_reserve(&w->data, (size_t)n * 4) < 0) return -1;
    uint8_t *start = w->data.data + w->data.length, *out = start;
    for (Py_ssize_t i = 0; i < n; i++) {
        Py_UCS4 c = PyUnicode_READ(kind, text, i);
        if (c < 0x80) {
            *out++ = (uint8_t)c;
        } else if (c < 0x800) {
            *out++ = (uint8_t)(0xc0 | c >> 6);
            *out++ = (uint8_t)(0x80 | (c & 0x3f));
        } else if (c < 0x10000) {
            if (c >= 0xd800 && c < 0xe000)
                return mt_misfit(w, v, "the surrogate at position %zd cannot be in UTF-8", i);
            *out++ = (uint8_t)(0xe0 | c >> 12);
            *out++ = (uint8_t)(0x80 | (c >> 6 & 0x3f));
            *out++ = (uint8_t)(0x80 | (c & 0x3f));
        } else {
            *out++ = (uint8_t)(0xf0 | c >> 18);
            *out++ = (uint8_t)(0x80 | (c >> 12 & 0x3f));
            *out++ = (uint8_t)(0x80 | (c >> 6 & 0x3f));
            *out++ = (uint8_t)(0x80 | (c & 0x3f));
        }
    }
    w->data.length += (size_t)(out - start);
    w->encoding->bytes += (uint64_t)(out - start);
    if (mt_push_offset(w, w->data.length) < 0) return -1;
    return mt_mark_valid(w);
}

static int write_string(mt_writer *w, PyObject *v)
{
    if (UNLIKELY(!PyUnicode_Check(v))) return mt_misfit(w, v, NULL);
    if (LIKELY(PyUnicode_IS_COMPACT_ASCII(v)))
        return mt_put_bytes(w, PyUnicode_1BYTE_DATA(v), PyUnicode_GET_LENGTH(v), v);
#if PY_VERSION_HEX < 0x030c0000
    if (PyUnicode_READY(v) < 0) return -1;
#endif
    return put_wide(w, v);
}

static int write_bytes(mt_writer *w, PyObject *v)
{
    if (LIKELY(PyBytes_Check(v)))
        return mt_put_bytes(w, PyBytes_AS_STRING(v), PyBytes_GET_SIZE(v), v);
    if (PyObject_CheckBuffer(v)) {
        Py_buffer view;
        if (PyObject_GetBuffer(v, &view, PyBUF_SIMPLE) < 0) return mt_misfit(w, v, NULL);
        int out = mt_put_bytes(w, view.buf, view.len, v);
        PyBuffer_Release(&view);
        return out;
    }
    if (!PyList_Check(v) && !PyTuple_Check(v)) return mt_misfit(w, v, NULL);
    PyObject *bytes = PyByteArray_FromObject(v); /* a list of ints 0…255 */
    if (bytes == NULL) return mt_misfit(w, v, NULL);
    int out = mt_put_bytes(w, PyByteArray_AS_STRING(bytes), PyByteArray_GET_SIZE(bytes), v);
    Py_DECREF(bytes);
    return out;
}

static int write_big_integer(mt_writer *w, PyObject *v)
{
    if (!PyIndex_Check(v)) return mt_misfit(w, v, NULL);
    PyObject *index = PyNumber_Index(v), *text = NULL;
    if (index != NULL) text = PyLong_Type.tp_repr(index);
    Py_XDECREF(index);
    Py_ssize_t length;
    const char *s = text ? PyUnicode_AsUTF8AndSize(text, &length) : NULL;
    int out = s ? mt_put_bytes(w, s, length, v) : mt_misfit(w, v, NULL);
    Py_XDECREF(text);
    return out;
}

static int write_pickled(mt_writer *w, PyObject *v)
{
    size_t before = w->data.length;
    int plain = w->exact ? mt_put_exact_pickle(&w->data, v) : mt_put_plain_pickle(&w->data, v);
    if (plain < 0) return -1;
    if (plain) {
        if (w->data.length > INT32_MAX)
            return mt_misfit(w, v, "a column of one batch holds at most 2 GiB");
        w->encoding->bytes += w->data.length - before;
        if (mt_push_offset(w, w->data.length) < 0) return -1;
        return mt_mark_valid(w);
    }
    PyObject *bytes = mt_pickle(v);
    if (bytes == NULL) return mt_misfit(w, v, "it cannot be pickled");
    int out = mt_put_bytes(w, PyBytes_AS_STRING(bytes), PyBytes_GET_SIZE(bytes), v);
    Py_DECREF(bytes);
    return out;
}

/* ---- the table ------------------------------------------------------------------------------ */

typedef int (*write_function)(mt_writer *, PyObject *);

static const write_function writers[] = {
    [MT_BOOLEAN] = write_boolean, [MT_TINYINT] = write_tinyint, [MT_SMALLINT] = write_smallint,
    [MT_INT] = write_int, [MT_BIGINT] = write_bigint, [MT_FLOAT] = write_float,
    [MT_DOUBLE] = write_double, [MT_DECIMAL] = mt_write_decimal,
    [MT_BIG_INTEGER] = write_big_integer, [MT_BIG_DECIMAL] = mt_write_big_decimal,
    [MT_CHAR] = write_string, [MT_VARCHAR] = write_string, [MT_BINARY] = write_bytes,
    [MT_VARBINARY] = write_bytes, [MT_PICKLED] = write_pickled, [MT_RAW] = write_bytes,
    [MT_DATE] = mt_write_date, [MT_TIME] = mt_write_time, [MT_TIMESTAMP] = mt_write_timestamp,
    [MT_TIMESTAMP_LTZ] = mt_write_timestamp, [MT_INSTANT] = mt_write_instant,
    [MT_INTERVAL_YM] = write_int, [MT_INTERVAL_DS] = mt_write_interval_ds,
    [MT_ARRAY] = mt_write_array, [MT_LIST] = mt_write_array, [MT_MAP] = mt_write_map,
    [MT_MULTISET] = mt_write_map, [MT_ROW] = mt_write_row, [MT_TUPLE] = mt_write_tuple,
    [MT_NULL] = write_null_kind,
};

int mt_writer_init(mt_writer *w, mt_type *type, mt_encoding *encoding)
{
    memset(w, 0, sizeof *w);
    w->type = type;
    w->write = writers[type->kind];
    w->encoding = encoding;
    w->width = mt_fixed_size(type);
    if (w->width == 0) w->width = type->kind == MT_ROW || type->kind == MT_TUPLE ? 0 : 4;
    if (type->count == 0) return 0;
    w->children = PyMem_Calloc((size_t)type->count, sizeof *w->children);
    if (w->children == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    bool flat = type->kind == MT_ROW || type->kind == MT_TUPLE;
    for (; w->count < type->count; w->count++) {
        mt_writer *child = &w->children[w->count];
        if (mt_writer_init(child, type->children[w->count], encoding) < 0) return -1;
        if (flat) w->width += child->width;
    }
    return 0;
}
