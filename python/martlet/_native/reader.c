/* Columns to Python values. A body is checked once, when it is bound: offsets, lengths and
 * alignment. After that no index of a row inside the column can leave its buffers. */
#include "native.h"

/* ---- values --------------------------------------------------------------------------------- */

static inline int32_t i32_at(const uint8_t *p, size_t i)
{
    int32_t v;
    memcpy(&v, p + i * 4, 4);
    return v;
}

static PyObject *read_boolean(mt_reader *r, uint32_t i)
{
    if (!mt_valid(r, i)) Py_RETURN_NONE;
    return mt_ref((r->data[i >> 3] >> (i & 7)) & 1 ? Py_True : Py_False);
}

#define READ_NUMBER(name, ctype, make)                                                             \
    static PyObject *name(mt_reader *r, uint32_t i)                                                \
    {                                                                                              \
        if (!mt_valid(r, i)) Py_RETURN_NONE;                                                       \
        ctype v;                                                                                   \
        memcpy(&v, r->data + (size_t)i * sizeof v, sizeof v);                                      \
        return make(r, v);                                                                          \
    }

READ_NUMBER(read_tinyint, int8_t, mt_fresh_int)
READ_NUMBER(read_smallint, int16_t, mt_fresh_int)
READ_NUMBER(read_int, int32_t, mt_fresh_int)
READ_NUMBER(read_bigint, int64_t, mt_fresh_int)
READ_NUMBER(read_float, float, mt_fresh_float)
READ_NUMBER(read_double, double, mt_fresh_float)

static PyObject *read_string(mt_reader *r, uint32_t i)
{
    if (!mt_valid(r, i)) Py_RETURN_NONE;
    int32_t from = i32_at(r->offsets, i);
    Py_ssize_t n = i32_at(r->offsets, (size_t)i + 1) - from;
    const char *s = (const char *)r->data + from;
    if (r->ascii && n > 1) {
        PyObject *out = PyUnicode_New(n, 127);
        if (LIKELY(out != NULL)) memcpy(PyUnicode_1BYTE_DATA(out), s, (size_t)n);
        return out;
    }
    return PyUnicode_DecodeUTF8(s, n, NULL);
}

static PyObject *read_bytes(mt_reader *r, uint32_t i)
{
    if (!mt_valid(r, i)) Py_RETURN_NONE;
    int32_t from = i32_at(r->offsets, i);
    return PyBytes_FromStringAndSize((const char *)r->data + from,
                                     i32_at(r->offsets, (size_t)i + 1) - from);
}

static PyObject *read_big_integer(mt_reader *r, uint32_t i)
{
    if (!mt_valid(r, i)) Py_RETURN_NONE;
    int32_t from = i32_at(r->offsets, i);
    PyObject *text = PyUnicode_DecodeUTF8((const char *)r->data + from,
                                          i32_at(r->offsets, (size_t)i + 1) - from, NULL);
    PyObject *out = text ? PyLong_FromUnicodeObject(text, 10) : NULL;
    Py_XDECREF(text);
    return out;
}

static PyObject *read_pickled(mt_reader *r, uint32_t i)
{
    if (!mt_valid(r, i)) Py_RETURN_NONE;
    int32_t from = i32_at(r->offsets, i);
    Py_ssize_t length = i32_at(r->offsets, (size_t)i + 1) - from;
    PyObject *plain = mt_read_plain_pickle(r->data + from, length);
    return plain ? plain : mt_unpickle(r->data + from, length);
}

static PyObject *read_null(mt_reader *r, uint32_t i)
{
    (void)r;
    (void)i;
    Py_RETURN_NONE;
}

static PyObject *read_list(mt_reader *r, uint32_t i)
{
    if (!mt_valid(r, i)) Py_RETURN_NONE;
    int32_t from = i32_at(r->offsets, i), to = i32_at(r->offsets, (size_t)i + 1);
    PyObject *out = PyList_New(to - from);
    mt_reader *child = r->children;
    for (int32_t j = from; out != NULL && j < to; j++) {
        PyObject *item = child->read(child, (uint32_t)j);
        if (item == NULL)
            Py_CLEAR(out);
        else
            PyList_SET_ITEM(out, j - from, item);
    }
    return out;
}

static PyObject *read_map(mt_reader *r, uint32_t i)
{
    if (!mt_valid(r, i)) Py_RETURN_NONE;
    int32_t from = i32_at(r->offsets, i), to = i32_at(r->offsets, (size_t)i + 1);
    PyObject *out = PyDict_New();
    mt_reader *k = r->children, *v = r->children + 1;
    for (int32_t j = from; out != NULL && j < to; j++) {
        PyObject *key = k->read(k, (uint32_t)j), *value = key ? v->read(v, (uint32_t)j) : NULL;
        if (value == NULL || PyDict_SetItem(out, key, value) < 0) Py_CLEAR(out);
        Py_XDECREF(key);
        Py_XDECREF(value);
    }
    return out;
}

static PyObject *read_tuple(mt_reader *r, uint32_t i)
{
    if (!mt_valid(r, i)) Py_RETURN_NONE;
    PyObject *out = mt_fresh_tuple(r);
    mt_reader *child = r->children;
    for (Py_ssize_t j = 0; out != NULL && j < r->count; j++, child++) {
        PyObject *item = child->read(child, i);
        if (UNLIKELY(item == NULL))
            Py_CLEAR(out);
        else
            PyTuple_SET_ITEM(out, j, item);
    }
    return out;
}

static PyObject *read_row(mt_reader *r, uint32_t i)
{
    if (!mt_valid(r, i)) Py_RETURN_NONE;
    PyObject *values = PyList_New(r->count);
    mt_reader *child = r->children;
    for (Py_ssize_t j = 0; values != NULL && j < r->count; j++, child++) {
        PyObject *item = child->read(child, i);
        if (UNLIKELY(item == NULL))
            Py_CLEAR(values);
        else
            PyList_SET_ITEM(values, j, item);
    }
    return values ? mt_row_new(values, r->type->names, 0) : NULL;
}

typedef PyObject *(*read_function)(mt_reader *, uint32_t);

static const read_function readers[] = {
    [MT_BOOLEAN] = read_boolean, [MT_TINYINT] = read_tinyint, [MT_SMALLINT] = read_smallint,
    [MT_INT] = read_int, [MT_BIGINT] = read_bigint, [MT_FLOAT] = read_float,
    [MT_DOUBLE] = read_double, [MT_DECIMAL] = mt_read_decimal,
    [MT_BIG_INTEGER] = read_big_integer, [MT_BIG_DECIMAL] = mt_read_big_decimal,
    [MT_CHAR] = read_string, [MT_VARCHAR] = read_string, [MT_BINARY] = read_bytes,
    [MT_VARBINARY] = read_bytes, [MT_PICKLED] = read_pickled, [MT_RAW] = read_bytes,
    [MT_DATE] = mt_read_date, [MT_TIME] = mt_read_time, [MT_TIMESTAMP] = mt_read_timestamp,
    [MT_TIMESTAMP_LTZ] = mt_read_timestamp, [MT_INSTANT] = mt_read_instant,
    [MT_INTERVAL_YM] = read_int, [MT_INTERVAL_DS] = mt_read_interval_ds, [MT_ARRAY] = read_list,
    [MT_LIST] = read_list, [MT_MAP] = read_map, [MT_MULTISET] = read_map, [MT_ROW] = read_row,
    [MT_TUPLE] = read_tuple, [MT_NULL] = read_null,
};

int mt_reader_init(mt_reader *r, mt_type *type)
{
    memset(r, 0, sizeof *r);
    r->type = type;
    r->read = readers[type->kind];
    if (type->count == 0) return 0;
    r->children = PyMem_Calloc((size_t)type->count, sizeof *r->children);
    if (r->children == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    r->plain = type->kind == MT_TUPLE;
    for (; r->count < type->count; r->count++) {
        mt_type *child = type->children[r->count];
        if (mt_reader_init(&r->children[r->count], child) < 0) return -1;
        r->plain &= mt_fixed_size(child) > 0 ? child->kind <= MT_DOUBLE
                                             : child->kind == MT_VARCHAR || child->kind == MT_BOOLEAN;
    }
    return 0;
}

void mt_reader_free(mt_reader *r)
{
    for (Py_ssize_t i = 0; i < r->count; i++) mt_reader_free(&r->children[i]);
    PyMem_Free(r->children);
    Py_CLEAR(r->spare);
    r->children = NULL;
    r->count = 0;
}

/* ---- checking ------------------------------------------------------------------------------- */

PyObject *mt_DecodeError;

static int bad(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    PyErr_FormatV(mt_DecodeError, format, args);
    va_end(args);
    return -1;
}

static uint32_t u32_at(const uint8_t *p)
{
    uint32_t v;
    memcpy(&v, p, 4);
    return v;
}

int mt_body_open(mt_body *b, const uint8_t *data, size_t length)
{
    memset(b, 0, sizeof *b);
    if (length < 8) return bad("the body is too short for its header: %zu bytes", length);
    b->body = data;
    b->length = length;
    b->rows = u32_at(data);
    b->buffers = u32_at(data + 4);
    if (b->buffers > (length - 8) / 8)
        return bad("the body is too short for a table of %u buffers", b->buffers);
    b->previous_end = 8 + (size_t)b->buffers * 8;
    return 0;
}

/* The next buffer of the table: at least `need` bytes, or none at all if that is allowed. */
static int claim(mt_body *b, uint64_t need, bool optional, const uint8_t **data, size_t *length)
{
    uint32_t index = b->next;
    if (index >= b->buffers) return bad("the body has only %u buffers", b->buffers);
    b->next++;
    size_t offset = u32_at(b->body + 8 + (size_t)index * 8);
    size_t size = u32_at(b->body + 12 + (size_t)index * 8);
    *data = NULL;
    *length = size;
    if (size == 0) {
        if (need == 0 || optional) {
            *data = b->body; /* never read */
            return 0;
        }
        return bad("buffer %u is empty, where %llu bytes are needed", index,
                   (unsigned long long)need);
    }
    if (offset % 64 != 0) return bad("buffer %u is not aligned: offset %zu", index, offset);
    if (offset < b->previous_end) return bad("buffer %u overlaps what is before it", index);
    if (offset > b->length || size > b->length - offset)
        return bad("buffer %u reaches beyond the body", index);
    if (size < need)
        return bad("buffer %u has %zu bytes, where %llu are needed", index, size,
                   (unsigned long long)need);
    b->previous_end = offset + size;
    *data = b->body + offset;
    return 0;
}

/* Offsets are checked here, so that readers need not. `*last`: the last offset. */
static int bind_offsets(mt_reader *r, mt_body *b, uint64_t rows, uint32_t *last)
{
    size_t size = 0;
    *last = 0;
    if (claim(b, rows == 0 ? 0 : (rows + 1) * 4, false, &r->offsets, &size) < 0) return -1;
    if (size == 0) return 0;
    if (size < 4) return bad("offsets take at least 4 bytes");
    if (i32_at(r->offsets, 0) != 0) return bad("the first offset is not 0");
    /* Differences are compared in one pass without branches. */
    int32_t previous = 0, wrong = 0;
    for (uint64_t i = 1; i <= rows; i++) {
        int32_t v = i32_at(r->offsets, i);
        wrong |= v < previous;
        previous = v;
    }
    if (wrong) return bad("the offsets decrease");
    *last = (uint32_t)previous;
    return 0;
}

static bool is_ascii(const uint8_t *p, size_t n)
{
    uint64_t any = 0, v;
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        memcpy(&v, p + i, 8);
        any |= v;
    }
    for (; i < n; i++) any |= p[i];
    return (any & UINT64_C(0x8080808080808080)) == 0;
}

size_t mt_fixed_size(const mt_type *t)
{
    switch (t->kind) {
    case MT_TINYINT: return 1;
    case MT_SMALLINT: return 2;
    case MT_INT: case MT_FLOAT: case MT_DATE: case MT_TIME: case MT_INTERVAL_YM: return 4;
    case MT_BIGINT: case MT_DOUBLE: case MT_TIMESTAMP: case MT_TIMESTAMP_LTZ:
    case MT_INTERVAL_DS: return 8;
    case MT_DECIMAL: case MT_INSTANT: return 16;
    default: return 0;
    }
}

int mt_reader_bind(mt_reader *r, mt_body *b, uint64_t rows)
{
    /* Columns without buffers could claim any number of rows. */
    if (rows > (uint64_t)b->length * 8 + (1 << 20))
        return bad("%llu rows cannot be in a body of %zu bytes", (unsigned long long)rows,
                   b->length);
    r->rows = (uint32_t)rows;
    if (r->type->kind == MT_NULL) return 0;
    size_t size = 0;
    if (claim(b, (rows + 7) / 8, true, &r->validity, &size) < 0) return -1;
    if (size == 0) r->validity = NULL;
    uint32_t inner;
    switch (r->type->kind) {
    case MT_BOOLEAN: return claim(b, (rows + 7) / 8, false, &r->data, &size);
    case MT_BIG_INTEGER: case MT_BIG_DECIMAL: case MT_CHAR: case MT_VARCHAR: case MT_BINARY:
    case MT_VARBINARY: case MT_PICKLED: case MT_RAW:
        if (bind_offsets(r, b, rows, &inner) < 0 || claim(b, inner, false, &r->data, &size) < 0)
            return -1;
        r->ascii = (r->type->kind == MT_CHAR || r->type->kind == MT_VARCHAR) &&
                   is_ascii(r->data, inner);
        return 0;
    case MT_ARRAY: case MT_LIST: case MT_MAP: case MT_MULTISET:
        if (bind_offsets(r, b, rows, &inner) < 0) return -1;
        for (Py_ssize_t i = 0; i < r->count; i++)
            if (mt_reader_bind(&r->children[i], b, inner) < 0) return -1;
        return 0;
    case MT_ROW: case MT_TUPLE:
        for (Py_ssize_t i = 0; i < r->count; i++)
            if (mt_reader_bind(&r->children[i], b, rows) < 0) return -1;
        return 0;
    default: return claim(b, rows * mt_fixed_size(r->type), false, &r->data, &size);
    }
}

int mt_body_close(mt_body *b)
{
    if (b->next == b->buffers) return 0;
    return bad("the body has %u buffers, its types have %u", b->buffers, b->next);
}
