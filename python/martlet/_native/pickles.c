/* Pickles of plain values, written and read without the pickle module.
 *
 * What is written is a pickle like any other: None, bool, int, float, str, bytes, and tuples of
 * these; lists and dicts only outermost, where no other value can refer to the same object (a memo
 * is not kept). What is read is the same, as pickle itself writes it; everything else is left to
 * pickle, so these are shortcuts and not a format. */
#include "native.h"

enum { DEPTH = 8, STACK = 64 };

/* ---- writing: 1 written, 0 not a plain value, -1 an exception ---------------------------------- */

static int put(mt_buffer *b, uint8_t op, const void *data, size_t n)
{
    if (mt_buffer_reserve(b, n + 1) < 0) return -1;
    b->data[b->length] = op;
    if (n > 0) memcpy(b->data + b->length + 1, data, n);
    b->length += n + 1;
    return 1;
}

static int put_sized(mt_buffer *b, uint8_t small, uint8_t large, const void *data, size_t n)
{
    uint8_t one = (uint8_t)n;
    uint32_t four = (uint32_t)n;
    if (n > UINT32_MAX / 2) return 0;
    if ((n < 256 ? put(b, small, &one, 1) : put(b, large, &four, 4)) < 0) return -1;
    if (mt_buffer_reserve(b, n) < 0) return -1;
    memcpy(b->data + b->length, data, n);
    b->length += n;
    return 1;
}

static int put_int(mt_buffer *b, PyObject *v)
{
    int overflow;
    int64_t n = PyLong_AsLongLongAndOverflow(v, &overflow);
    if (overflow) return 0;
    if (n >= 0 && n < 256) return put(b, 'K', &n, 1);
    if (n >= 0 && n < 65536) return put(b, 'M', &n, 2);
    if (n >= INT32_MIN && n <= INT32_MAX) return put(b, 'J', &n, 4);
    uint8_t sized[9] = {8};
    memcpy(sized + 1, &n, 8);
    while (sized[0] > 1 && ((sized[sized[0]] == 0 && sized[sized[0] - 1] < 128) ||
                            (sized[sized[0]] == 255 && sized[sized[0] - 1] >= 128)))
        sized[0]--;
    return put(b, 0x8a, sized, (size_t)sized[0] + 1);
}

static int put_float(mt_buffer *b, double d)
{
    uint64_t bits;
    memcpy(&bits, &d, 8);
    bits = __builtin_bswap64(bits);
    return put(b, 'G', &bits, 8);
}

static int put_value(mt_buffer *b, PyObject *v, int depth);

static int put_items(mt_buffer *b, PyObject *items, int depth)
{
    int out = 1;
    for (Py_ssize_t i = 0; out == 1 && i < PySequence_Fast_GET_SIZE(items); i++)
        out = put_value(b, PySequence_Fast_GET_ITEM(items, i), depth + 1);
    return out;
}

static int put_tuple(mt_buffer *b, PyObject *v, int depth)
{
    Py_ssize_t n = PyTuple_GET_SIZE(v);
    int out = n > 3 ? put(b, '(', NULL, 0) : 1;
    if (out == 1) out = put_items(b, v, depth);
    if (out != 1) return out;
    return put(b, n == 0 ? ')' : n > 3 ? 't' : (uint8_t)(0x84 + n), NULL, 0);
}

static int put_list(mt_buffer *b, PyObject *v, int depth)
{
    int out = put(b, ']', NULL, 0);
    if (out != 1 || PyList_GET_SIZE(v) == 0) return out;
    if (put(b, '(', NULL, 0) < 0) return -1;
    out = put_items(b, v, depth);
    return out == 1 ? put(b, 'e', NULL, 0) : out;
}

static int put_dict(mt_buffer *b, PyObject *v, int depth)
{
    int out = put(b, '}', NULL, 0);
    if (out != 1 || PyDict_GET_SIZE(v) == 0) return out;
    if (put(b, '(', NULL, 0) < 0) return -1;
    PyObject *key, *value;
    Py_ssize_t at = 0;
    while (out == 1 && PyDict_Next(v, &at, &key, &value)) {
        out = put_value(b, key, depth + 1);
        if (out == 1) out = put_value(b, value, depth + 1);
    }
    return out == 1 ? put(b, 'u', NULL, 0) : out;
}

static int put_value(mt_buffer *b, PyObject *v, int depth)
{
    if (PyUnicode_CheckExact(v)) {
        if (PyUnicode_IS_COMPACT_ASCII(v))
            return put_sized(b, 0x8c, 'X', PyUnicode_1BYTE_DATA(v), (size_t)PyUnicode_GET_LENGTH(v));
        Py_ssize_t n;
        const char *utf8 = PyUnicode_AsUTF8AndSize(v, &n);
        if (utf8 != NULL) return put_sized(b, 0x8c, 'X', utf8, (size_t)n);
        PyErr_Clear(); /* lone surrogates: pickle has its way with them */
        return 0;
    }
    if (PyLong_CheckExact(v)) return put_int(b, v);
    if (PyFloat_CheckExact(v)) return put_float(b, PyFloat_AS_DOUBLE(v));
    if (v == Py_None) return put(b, 'N', NULL, 0);
    if (PyBool_Check(v)) return put(b, v == Py_True ? 0x88 : 0x89, NULL, 0);
    if (PyBytes_CheckExact(v))
        return put_sized(b, 'C', 'B', PyBytes_AS_STRING(v), (size_t)PyBytes_GET_SIZE(v));
    if (depth >= DEPTH) return 0;
    if (PyTuple_CheckExact(v)) return put_tuple(b, v, depth);
    if (depth > 0) return 0;
    if (PyList_CheckExact(v)) return put_list(b, v, depth);
    if (PyDict_CheckExact(v)) return put_dict(b, v, depth);
    return 0;
}

int mt_put_plain_pickle(mt_buffer *b, PyObject *value)
{
    size_t start = b->length;
    uint8_t version = 5;
    int out = put(b, 0x80, &version, 1);
    if (out == 1) out = put_value(b, value, 0);
    if (out == 1) out = put(b, '.', NULL, 0);
    if (out != 1) b->length = start;
    return out;
}

enum { FRAME_MIN = 4, FRAME_HEADER = 9, EXACT_MAX = 60000 /* beyond it pickle splits frames */ };

int mt_put_exact_pickle(mt_buffer *b, PyObject *value)
{
    bool text = PyUnicode_CheckExact(value) || PyBytes_CheckExact(value);
    if (!text && !PyLong_CheckExact(value) && !PyFloat_CheckExact(value) && !PyBool_Check(value) &&
        value != Py_None)
        return 0;
    size_t start = b->length, from = start + 2;
    uint8_t version = 5;
    int out = put(b, 0x80, &version, 1);
    if (out == 1) out = put_value(b, value, 0);
    if (out == 1 && text) out = put(b, 0x94, NULL, 0); /* MEMOIZE */
    if (out == 1) out = put(b, '.', NULL, 0);
    uint64_t length = b->length - from;
    if (out == 1 && length > EXACT_MAX) out = 0;
    if (out == 1 && length >= FRAME_MIN) {
        if (mt_buffer_reserve(b, FRAME_HEADER) < 0) return -1;
        memmove(b->data + from + FRAME_HEADER, b->data + from, length);
        b->data[from] = 0x95; /* FRAME */
        memcpy(b->data + from + 1, &length, 8);
        b->length += FRAME_HEADER;
    }
    if (out != 1) b->length = start;
    return out;
}

/* ---- reading --------------------------------------------------------------------------------- */

typedef struct {
    const uint8_t *at, *end;
    PyObject *stack[STACK];
    int count, mark; /* mark: the one open mark, or -1 */
} machine;

static bool push(machine *m, PyObject *made)
{
    if (made == NULL || m->count == STACK) {
        Py_XDECREF(made);
        return false;
    }
    m->stack[m->count++] = made;
    return true;
}

static bool take(machine *m, void *out, size_t n)
{
    if ((size_t)(m->end - m->at) < n) return false;
    memcpy(out, m->at, n);
    m->at += n;
    return true;
}

static bool push_text(machine *m, size_t width, bool bytes)
{
    uint64_t n = 0;
    if (!take(m, &n, width) || (size_t)(m->end - m->at) < n) return false;
    const char *from = (const char *)m->at;
    m->at += n;
    return push(m, bytes ? PyBytes_FromStringAndSize(from, (Py_ssize_t)n)
                         : PyUnicode_DecodeUTF8(from, (Py_ssize_t)n, NULL));
}

static bool push_int(machine *m, size_t width, bool is_signed)
{
    int64_t v = 0;
    if (width > 8 || !take(m, &v, width)) return false;
    if (is_signed && width > 0) v = (int64_t)((uint64_t)v << (64 - 8 * width)) >> (64 - 8 * width);
    return push(m, PyLong_FromLongLong(v));
}

static bool push_float(machine *m)
{
    uint64_t bits;
    double d;
    if (!take(m, &bits, 8)) return false;
    bits = __builtin_bswap64(bits);
    memcpy(&d, &bits, 8);
    return push(m, PyFloat_FromDouble(d));
}

static bool make_tuple(machine *m, int n)
{
    if (n < 0 || n > m->count) return false;
    PyObject *tuple = PyTuple_New(n);
    if (tuple == NULL) return false;
    m->count -= n;
    for (int i = 0; i < n; i++) PyTuple_SET_ITEM(tuple, i, m->stack[m->count + i]);
    return push(m, tuple);
}

/* Puts what stands above position `from` into the list or dict below it. */
static bool fill(machine *m, int from, bool pairs)
{
    if (from < 1 || from > m->count || (pairs && (m->count - from) % 2)) return false;
    PyObject *target = m->stack[from - 1];
    if (pairs ? !PyDict_CheckExact(target) : !PyList_CheckExact(target)) return false;
    for (int i = from; i < m->count; i += 1 + pairs) {
        int failed = pairs ? PyDict_SetItem(target, m->stack[i], m->stack[i + 1])
                           : PyList_Append(target, m->stack[i]);
        if (failed) return false;
    }
    while (m->count > from) Py_DECREF(m->stack[--m->count]);
    return true;
}

static bool close_mark(machine *m, uint8_t op)
{
    int from = m->mark;
    m->mark = -1;
    if (from < 0) return false;
    return op == 't' ? make_tuple(m, m->count - from) : fill(m, from, op == 'u');
}

/* True while there is more; `*done` at the end. False: not a plain pickle, or an exception. */
static bool step(machine *m, bool *done)
{
    uint8_t op, width;
    uint64_t ignored;
    if (!take(m, &op, 1)) return false;
    switch (op) {
    case 0x80: return take(m, &width, 1) && width <= 5;
    case 0x95: return take(m, &ignored, 8);
    case 0x94: return true; /* memoized: values that refer to it are not read here */
    case 'N': return push(m, mt_ref(Py_None));
    case 0x88: return push(m, mt_ref(Py_True));
    case 0x89: return push(m, mt_ref(Py_False));
    case 'K': return push_int(m, 1, false);
    case 'M': return push_int(m, 2, false);
    case 'J': return push_int(m, 4, true);
    case 0x8a: return take(m, &width, 1) && push_int(m, width, true);
    case 'G': return push_float(m);
    case 0x8c: return push_text(m, 1, false);
    case 'X': return push_text(m, 4, false);
    case 'C': return push_text(m, 1, true);
    case 'B': return push_text(m, 4, true);
    case ')': return push(m, PyTuple_New(0));
    case 0x85: case 0x86: case 0x87: return make_tuple(m, op - 0x84);
    case ']': return push(m, PyList_New(0));
    case '}': return push(m, PyDict_New());
    case 'a': return fill(m, m->count - 1, false);
    case 's': return fill(m, m->count - 2, true);
    case '(':
        if (m->mark >= 0) return false;
        m->mark = m->count;
        return true;
    case 't': case 'e': case 'u': return close_mark(m, op);
    case '.':
        *done = m->count == 1 && m->mark < 0 && m->at == m->end;
        return false;
    default: return false;
    }
}

PyObject *mt_read_plain_pickle(const uint8_t *data, Py_ssize_t length)
{
    machine m;
    m.at = data;
    m.end = data + length;
    m.count = 0;
    m.mark = -1;
    bool done = false;
    while (step(&m, &done)) {}
    if (done) return m.stack[0];
    while (m.count > 0) Py_DECREF(m.stack[--m.count]);
    PyErr_Clear(); /* pickle will say what is wrong, if something is */
    return NULL;
}
