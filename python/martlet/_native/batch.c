/* Bodies of BATCH frames: laying columns out, and whole bodies for the client. */
#include "native.h"

/* ---- layout --------------------------------------------------------------------------------- */

typedef struct {
    size_t position;  /* the end of the last buffer */
    uint32_t buffers;
    uint8_t *out;     /* NULL: only measures */
    uint8_t *table;
} layout;

static size_t align64(size_t n)
{
    return (n + 63) & ~(size_t)63;
}

static void place(layout *l, const uint8_t *data, size_t length)
{
    size_t at = align64(l->position);
    if (l->out != NULL) {
        uint32_t entry[2] = {(uint32_t)at, (uint32_t)length};
        memcpy(l->table + (size_t)l->buffers * 8, entry, 8);
        if (length > 0) {
            memset(l->out + l->position, 0, at - l->position);
            memcpy(l->out + at, data, length);
        }
    }
    if (length > 0) l->position = at + length;
    l->buffers++;
}

static void walk(layout *l, const mt_writer *w)
{
    static const uint8_t zero_offset[4];
    const mt_type *t = w->type;
    if (t->kind == MT_NULL) return;
    place(l, w->validity.data, w->has_nulls ? w->validity.length : 0);
    if (t->kind != MT_ROW && t->kind != MT_TUPLE) {
        if (t->kind != MT_BOOLEAN && mt_fixed_size(t) == 0) {
            if (w->offsets.length > 0)
                place(l, w->offsets.data, w->offsets.length);
            else
                place(l, zero_offset, 4);
        }
        if (t->count == 0) place(l, w->data.data, w->data.length);
    }
    for (Py_ssize_t i = 0; i < w->count; i++) walk(l, &w->children[i]);
}

static size_t table_end(mt_writer **columns, Py_ssize_t count)
{
    size_t n = 0;
    for (Py_ssize_t i = 0; i < count; i++) n += (size_t)mt_type_buffers(columns[i]->type);
    return 8 + 8 * n;
}

size_t mt_layout_size(mt_writer **columns, Py_ssize_t count)
{
    layout l = {table_end(columns, count), 0, NULL, NULL};
    for (Py_ssize_t i = 0; i < count; i++) walk(&l, columns[i]);
    return l.position;
}

void mt_layout_copy(mt_writer **columns, Py_ssize_t count, uint32_t rows, uint8_t *out)
{
    layout l = {table_end(columns, count), 0, out, out + 8};
    for (Py_ssize_t i = 0; i < count; i++) walk(&l, columns[i]);
    uint32_t head[2] = {rows, l.buffers};
    memcpy(out, head, 8);
}

/* ---- the runtime's own columns ------------------------------------------------------------------ */

static mt_type *constant_type(mt_type **at, const char *text)
{
    if (*at == NULL) {
        PyObject *s = PyUnicode_FromString(text);
        if (s == NULL) return NULL;
        *at = mt_type_from(s);
        Py_DECREF(s);
    }
    return *at;
}

mt_type *mt_type_of_times(void)
{
    static mt_type *type;
    return constant_type(&type, "BIGINT");
}

mt_type *mt_type_of_kinds(void)
{
    static mt_type *type;
    return constant_type(&type, "TINYINT NOT NULL");
}

/* ---- encode --------------------------------------------------------------------------------- */

/* Writes every value; a misfit is raised with the number of its row. */
static int fill(mt_writer *w, PyObject *values, Py_ssize_t first_row)
{
    PyObject *items = PySequence_Fast(values, "values must be a sequence");
    if (items == NULL) return -1;
    for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(items); i++) {
        PyObject *item = mt_ref(PySequence_Fast_GET_ITEM(items, i));
        int out = mt_write(w, item);
        Py_DECREF(item);
        if (UNLIKELY(out < 0)) {
            mt_raise(w->encoding, first_row + i);
            Py_DECREF(items);
            return -1;
        }
    }
    Py_DECREF(items);
    return 0;
}

PyObject *mt_encode(PyObject *module, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"values", "type", "keys", "key_type", "timestamps", "kinds",
                            "first_row", NULL};
    PyObject *values, *text, *keys = Py_None, *key_text = Py_None, *times = Py_None,
             *kinds = Py_None, *out = NULL;
    Py_ssize_t first_row = 0;
    (void)module;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO|OOOO$n:encode", names, &values, &text, &keys,
                                     &key_text, &times, &kinds, &first_row))
        return NULL;
    PyObject *given[4] = {values, keys, times, kinds};
    mt_type *types[4] = {mt_type_from(text), NULL, NULL, NULL};
    mt_writer writers[4], *columns[4];
    mt_encoding encoding = {0};
    Py_ssize_t count = 0;
    if (types[0] == NULL) return NULL;
    if (keys != Py_None && (types[1] = mt_type_from(key_text)) == NULL) goto done;
    if (times != Py_None && (types[2] = mt_type_of_times()) == NULL) goto done;
    if (kinds != Py_None && (types[3] = mt_type_of_kinds()) == NULL) goto done;
    for (int i = 0; i < 4; i++) {
        if (types[i] == NULL) continue;
        if (mt_need(types[i]) < 0) goto done;
        mt_writer *w = columns[count] = &writers[count];
        int failed = mt_writer_init(w, types[i], &encoding);
        count++;
        if (failed || fill(w, given[i], first_row) < 0) goto done;
        if (w->rows != writers[0].rows) {
            PyErr_SetString(PyExc_ValueError, "the columns differ in length");
            goto done;
        }
    }
    size_t size = mt_layout_size(columns, count);
    if (size > MT_MAX_BODY) {
        PyErr_Format(PyExc_ValueError, "a batch of %zu bytes is larger than 1 GiB", size);
        goto done;
    }
    out = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)size);
    if (out != NULL)
        mt_layout_copy(columns, count, writers[0].rows, (uint8_t *)PyBytes_AS_STRING(out));
done:
    for (Py_ssize_t i = 0; i < count; i++) mt_writer_free(&writers[i]);
    mt_encoding_clear(&encoding);
    Py_XDECREF(types[0]);
    Py_XDECREF(types[1]);
    return out;
}

/* ---- decode --------------------------------------------------------------------------------- */

static PyObject *read_all(mt_reader *r)
{
    PyObject *out = PyList_New(r->rows);
    for (uint32_t i = 0; out != NULL && i < r->rows; i++) {
        PyObject *v = r->read(r, i);
        if (UNLIKELY(v == NULL)) {
            Py_DECREF(out);
            return NULL;
        }
        PyList_SET_ITEM(out, i, v);
    }
    return out;
}

/* Rows carry their kind themselves. */
static int apply_kinds(PyObject *values, PyObject *kinds)
{
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(values); i++) {
        long kind = PyLong_AsLong(PyList_GET_ITEM(kinds, i));
        if (kind < 0 || kind > 3) {
            PyErr_Format(mt_DecodeError, "row %zd: there is no row kind %ld", i, kind);
            return -1;
        }
        PyObject *row = PyList_GET_ITEM(values, i);
        if (kind != 0 && mt_is_row(row) && mt_row_set_kind(row, (int)kind) < 0) return -1;
    }
    return 0;
}

/* Fills `out` with lists of the values, keys, timestamps and kinds, or NULL where there are none. */
static int decode(PyObject *args, PyObject *kwargs, PyObject *out[4])
{
    static char *names[] = {"body", "type", "key_type", "flags", NULL};
    Py_buffer view;
    PyObject *text, *key_text = Py_None;
    int flags = 0, result = -1;
    memset(out, 0, 4 * sizeof *out);
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "y*O|Oi:decode", names, &view, &text, &key_text,
                                     &flags))
        return -1;
    mt_type *types[4] = {mt_type_from(text), NULL, NULL, NULL};
    mt_reader readers[4];
    memset(readers, 0, sizeof readers);
    mt_body body;
    if (types[0] == NULL) goto done;
    if (key_text != Py_None && (types[1] = mt_type_from(key_text)) == NULL) goto done;
    if (flags & MT_FLAG_TIMESTAMPS && (types[2] = mt_type_of_times()) == NULL) goto done;
    if (flags & MT_FLAG_KINDS && (types[3] = mt_type_of_kinds()) == NULL) goto done;
    if (mt_body_open(&body, view.buf, (size_t)view.len) < 0) goto done;
    for (int i = 0; i < 4; i++)
        if (types[i] != NULL && (mt_need(types[i]) < 0 || mt_reader_init(&readers[i], types[i]) < 0 ||
                                 mt_reader_bind(&readers[i], &body, body.rows) < 0))
            goto done;
    if (mt_body_close(&body) < 0) goto done;
    for (int i = 0; i < 4; i++)
        if (types[i] != NULL && (out[i] = read_all(&readers[i])) == NULL) goto done;
    result = types[3] ? apply_kinds(out[0], out[3]) : 0;
done:
    for (int i = 0; i < 4; i++) mt_reader_free(&readers[i]);
    Py_XDECREF(types[0]);
    Py_XDECREF(types[1]);
    PyBuffer_Release(&view);
    if (result < 0)
        for (int i = 0; i < 4; i++) Py_CLEAR(out[i]);
    return result;
}

PyObject *mt_decode(PyObject *module, PyObject *args, PyObject *kwargs)
{
    PyObject *out[4];
    (void)module;
    if (decode(args, kwargs, out) < 0) return NULL;
    for (int i = 1; i < 4; i++) Py_XDECREF(out[i]);
    return out[0];
}

PyObject *mt_decode_batch(PyObject *module, PyObject *args, PyObject *kwargs)
{
    PyObject *out[4];
    (void)module;
    if (decode(args, kwargs, out) < 0) return NULL;
    for (int i = 1; i < 4; i++)
        if (out[i] == NULL) out[i] = mt_ref(Py_None);
    return Py_BuildValue("(NNNN)", out[0], out[1], out[2], out[3]);
}

/* ---- columns of any types ------------------------------------------------------------------------ */

PyObject *mt_columns_read(PyObject *types, const uint8_t *data, size_t length)
{
    Py_ssize_t n = PyTuple_GET_SIZE(types);
    mt_body body;
    PyObject *out = PyTuple_New(n);
    mt_reader *readers = PyMem_Calloc((size_t)n, sizeof *readers);
    bool fine = out && readers && mt_body_open(&body, data, length) == 0;
    if (readers == NULL) PyErr_NoMemory();
    for (Py_ssize_t i = 0; fine && i < n; i++) {
        mt_type *type = (mt_type *)PyTuple_GET_ITEM(types, i);
        fine = mt_need(type) == 0 && mt_reader_init(&readers[i], type) == 0 &&
               mt_reader_bind(&readers[i], &body, body.rows) == 0;
    }
    fine = fine && mt_body_close(&body) == 0;
    for (Py_ssize_t i = 0; fine && i < n; i++) {
        PyObject *values = read_all(&readers[i]);
        fine = values != NULL;
        if (fine) PyTuple_SET_ITEM(out, i, values);
    }
    for (Py_ssize_t i = 0; readers && i < n; i++) mt_reader_free(&readers[i]);
    PyMem_Free(readers);
    if (!fine) Py_CLEAR(out);
    return out;
}

/* New tuple of Type objects from a sequence of texts. */
static PyObject *types_from(PyObject *texts)
{
    PyObject *list = PySequence_Fast(texts, "types must be a sequence");
    PyObject *out = list ? PyTuple_New(PySequence_Fast_GET_SIZE(list)) : NULL;
    for (Py_ssize_t i = 0; out && i < PyTuple_GET_SIZE(out); i++) {
        mt_type *type = mt_type_from(PySequence_Fast_GET_ITEM(list, i));
        if (type == NULL)
            Py_CLEAR(out);
        else
            PyTuple_SET_ITEM(out, i, (PyObject *)type);
    }
    Py_XDECREF(list);
    return out;
}

PyObject *mt_decode_columns(PyObject *module, PyObject *args)
{
    Py_buffer view;
    PyObject *texts;
    (void)module;
    if (!PyArg_ParseTuple(args, "y*O:decode_columns", &view, &texts)) return NULL;
    PyObject *types = types_from(texts);
    PyObject *out = types ? mt_columns_read(types, view.buf, (size_t)view.len) : NULL;
    Py_XDECREF(types);
    PyBuffer_Release(&view);
    return out;
}

PyObject *mt_encode_columns(PyObject *module, PyObject *args)
{
    PyObject *columns, *texts, *out = NULL;
    (void)module;
    if (!PyArg_ParseTuple(args, "OO:encode_columns", &columns, &texts)) return NULL;
    PyObject *types = types_from(texts);
    PyObject *lists = types ? PySequence_Fast(columns, "columns must be a sequence") : NULL;
    Py_ssize_t n = types ? PyTuple_GET_SIZE(types) : 0;
    mt_writer *writers = PyMem_Calloc((size_t)n + 1, sizeof *writers);
    mt_writer **each = PyMem_Calloc((size_t)n + 1, sizeof *each);
    mt_encoding encoding = {0};
    bool fine = lists && writers && each;
    if (fine && PySequence_Fast_GET_SIZE(lists) != n) {
        PyErr_SetString(PyExc_ValueError, "there must be a type for each column");
        fine = false;
    }
    for (Py_ssize_t i = 0; fine && i < n; i++) {
        mt_type *type = (mt_type *)PyTuple_GET_ITEM(types, i);
        PyObject *list = PySequence_Fast_GET_ITEM(lists, i);
        each[i] = &writers[i];
        fine = mt_need(type) == 0 && mt_writer_init(&writers[i], type, &encoding) == 0;
        if (fine && !PyList_Check(list)) {
            PyErr_SetString(PyExc_TypeError, "a column is a list");
            fine = false;
        }
        for (Py_ssize_t j = 0; fine && j < PyList_GET_SIZE(list); j++)
            if (mt_write(&writers[i], PyList_GET_ITEM(list, j)) < 0) {
                mt_raise(&encoding, j);
                fine = false;
            }
        if (fine && writers[i].rows != writers[0].rows) {
            PyErr_SetString(PyExc_ValueError, "columns of different lengths");
            fine = false;
        }
    }
    size_t size = fine ? mt_layout_size(each, n) : 0;
    if (fine && size > MT_MAX_BODY)
        PyErr_Format(PyExc_ValueError, "a batch of %zu bytes is larger than 1 GiB", size);
    else if (fine && (out = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)size)) != NULL)
        mt_layout_copy(each, n, n ? writers[0].rows : 0, (uint8_t *)PyBytes_AS_STRING(out));
    for (Py_ssize_t i = 0; writers && i < n; i++) mt_writer_free(&writers[i]);
    PyMem_Free(writers);
    PyMem_Free(each);
    mt_encoding_clear(&encoding);
    Py_XDECREF(types);
    Py_XDECREF(lists);
    return out;
}
