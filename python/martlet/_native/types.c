/* The text form of types (docs/types.md) as a tree. */
#include "native.h"
#include <ctype.h>

#define MAX_DEPTH 64

static PyObject *cache; /* str → Type */

static const char *const kind_names[] = {
    "BOOLEAN", "TINYINT", "SMALLINT", "INT", "BIGINT", "FLOAT", "DOUBLE", "DECIMAL",
    "BIG_INTEGER", "BIG_DECIMAL", "CHAR", "VARCHAR", "BINARY", "VARBINARY", "PICKLED",
    "RAW", "DATE", "TIME", "TIMESTAMP", "TIMESTAMP_LTZ", "INSTANT", "INTERVAL YEAR TO MONTH",
    "INTERVAL DAY TO SECOND", "ARRAY", "LIST", "MAP", "MULTISET", "ROW", "TUPLE", "NULL",
};

/* ---- the object ---------------------------------------------------------------------------- */

static mt_type *type_new(mt_kind kind)
{
    mt_type *t = PyObject_New(mt_type, &mt_type_object);
    if (t == NULL) return NULL;
    memset((char *)t + offsetof(mt_type, kind), 0, sizeof *t - offsetof(mt_type, kind));
    t->kind = kind;
    t->nullable = true;
    return t;
}

static void type_dealloc(mt_type *t)
{
    for (Py_ssize_t i = 0; i < t->count; i++) Py_DECREF(t->children[i]);
    PyMem_Free(t->children);
    Py_XDECREF(t->names);
    Py_XDECREF(t->raw_class);
    Py_XDECREF(t->raw_snapshot);
    Py_XDECREF(t->text);
    PyObject_Free(t);
}

static int add_child(mt_type *t, mt_type *child)
{
    mt_type **grown = PyMem_Realloc(t->children, (size_t)(t->count + 1) * sizeof *grown);
    if (grown == NULL) {
        Py_DECREF(child);
        PyErr_NoMemory();
        return -1;
    }
    t->children = grown;
    t->children[t->count++] = child;
    return 0;
}

Py_ssize_t mt_type_buffers(const mt_type *t)
{
    Py_ssize_t n;
    switch (t->kind) {
    case MT_NULL: n = 0; break;
    case MT_ROW: case MT_TUPLE: n = 1; break;
    case MT_BIG_INTEGER: case MT_BIG_DECIMAL: case MT_CHAR: case MT_VARCHAR: case MT_BINARY:
    case MT_VARBINARY: case MT_PICKLED: case MT_RAW: n = 3; break;
    default: n = 2; /* validity and values, or validity and offsets */
    }
    for (Py_ssize_t i = 0; i < t->count; i++) n += mt_type_buffers(t->children[i]);
    return n;
}

/* ---- the text ------------------------------------------------------------------------------ */

static PyObject *quoted(PyObject *text, const char *quote)
{
    PyObject *q = PyUnicode_FromString(quote), *qq = PyUnicode_FromFormat("%s%s", quote, quote);
    PyObject *inner = q && qq ? PyUnicode_Replace(text, q, qq, -1) : NULL;
    PyObject *out = inner ? PyUnicode_FromFormat("%s%U%s", quote, inner, quote) : NULL;
    Py_XDECREF(q);
    Py_XDECREF(qq);
    Py_XDECREF(inner);
    return out;
}

static PyObject *children_text(mt_type *t, const char *head)
{
    PyObject *parts = PyList_New(0);
    for (Py_ssize_t i = 0; parts != NULL && i < t->count; i++) {
        PyObject *text = mt_type_text(t->children[i]), *part = NULL;
        if (text != NULL && t->names != NULL) {
            PyObject *name = quoted(PyList_GET_ITEM(t->names, i), "`");
            if (name != NULL) part = PyUnicode_FromFormat("%U %U", name, text);
            Py_XDECREF(name);
        } else {
            part = text ? mt_ref(text) : NULL;
        }
        if (part == NULL || PyList_Append(parts, part) < 0) Py_CLEAR(parts);
        Py_XDECREF(part);
    }
    PyObject *comma = parts ? PyUnicode_FromString(", ") : NULL;
    PyObject *joined = comma ? PyUnicode_Join(comma, parts) : NULL;
    PyObject *out = joined ? PyUnicode_FromFormat("%s<%U>", head, joined) : NULL;
    Py_XDECREF(parts);
    Py_XDECREF(comma);
    Py_XDECREF(joined);
    return out;
}

static PyObject *base_text(mt_type *t)
{
    switch (t->kind) {
    case MT_DECIMAL: return PyUnicode_FromFormat("DECIMAL(%d, %d)", t->precision, t->scale);
    case MT_VARCHAR: if (t->precision == INT32_MAX) return PyUnicode_FromString("STRING"); break;
    case MT_VARBINARY: if (t->precision == INT32_MAX) return PyUnicode_FromString("BYTES"); break;
    case MT_RAW: {
        PyObject *a = quoted(t->raw_class, "'"), *b = a ? quoted(t->raw_snapshot, "'") : NULL;
        PyObject *out = b ? PyUnicode_FromFormat("RAW(%U, %U)", a, b) : NULL;
        Py_XDECREF(a);
        Py_XDECREF(b);
        return out;
    }
    case MT_ARRAY: case MT_LIST: case MT_MAP: case MT_MULTISET: case MT_ROW: case MT_TUPLE:
        return children_text(t, kind_names[t->kind]);
    case MT_CHAR: case MT_BINARY: case MT_TIME: case MT_TIMESTAMP: case MT_TIMESTAMP_LTZ: break;
    default: return PyUnicode_FromString(kind_names[t->kind]);
    }
    return PyUnicode_FromFormat("%s(%d)", kind_names[t->kind], t->precision);
}

PyObject *mt_type_text(mt_type *t)
{
    if (t->text == NULL) {
        PyObject *base = base_text(t);
        if (base == NULL) return NULL;
        t->text = t->nullable ? mt_ref(base) : PyUnicode_FromFormat("%U NOT NULL", base);
        Py_DECREF(base);
    }
    return t->text;
}

/* ---- the parser ---------------------------------------------------------------------------- */

typedef struct {
    const char *start, *at;
    int depth;
} parser;

static mt_type *fail(parser *p, const char *what)
{
    if (!PyErr_Occurred())
        PyErr_Format(PyExc_ValueError, "type '%s', at position %zd: %s", p->start,
                     (Py_ssize_t)(p->at - p->start), what);
    return NULL;
}

static void space(parser *p)
{
    while (*p->at == ' ' || *p->at == '\t' || *p->at == '\n' || *p->at == '\r') p->at++;
}

static bool symbol(parser *p, char c)
{
    space(p);
    if (*p->at != c) return false;
    p->at++;
    return true;
}

static bool word_char(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '$' || (c & 0x80);
}

static bool keyword(parser *p, const char *word)
{
    space(p);
    size_t n = strlen(word);
    if (strncasecmp(p->at, word, n) != 0 || word_char(p->at[n])) return false;
    p->at += n;
    return true;
}

/* Text between `quote`s, which are doubled inside. */
static PyObject *quoted_text(parser *p, char quote)
{
    if (!symbol(p, quote)) {
        fail(p, quote == '`' ? "a name is expected" : "a quoted text is expected");
        return NULL;
    }
    const char *from = p->at;
    char *copy = PyMem_Malloc(strlen(from) + 1);
    if (copy == NULL) return PyErr_NoMemory();
    size_t n = 0;
    PyObject *out = NULL;
    for (;; p->at++) {
        if (*p->at == 0) {
            fail(p, "the quotation does not end");
            break;
        }
        if (*p->at == quote && *++p->at != quote) {
            out = PyUnicode_DecodeUTF8(copy, (Py_ssize_t)n, NULL);
            break;
        }
        copy[n++] = *p->at;
    }
    PyMem_Free(copy);
    return out;
}

static PyObject *name(parser *p)
{
    space(p);
    if (*p->at == '`') return quoted_text(p, '`');
    const char *from = p->at;
    while (word_char(*p->at)) p->at++;
    if (from == p->at) {
        fail(p, "a name is expected");
        return NULL;
    }
    return PyUnicode_DecodeUTF8(from, p->at - from, NULL);
}

static int number(parser *p, int low, int high, int *out)
{
    space(p);
    long v = 0;
    const char *from = p->at;
    while (isdigit((unsigned char)*p->at) && v <= high) v = v * 10 + (*p->at++ - '0');
    if (from == p->at || v < low || v > high) {
        fail(p, "a number within the type's limits is expected");
        return -1;
    }
    *out = (int)v;
    return 0;
}

/* An optional "(n)". */
static int length(parser *p, int low, int high, int fallback, int *out)
{
    *out = fallback;
    if (!symbol(p, '(')) return 0;
    if (number(p, low, high, out) < 0) return -1;
    if (symbol(p, ')')) return 0;
    fail(p, "')' is expected");
    return -1;
}

static mt_type *parse(parser *p);

static mt_type *nested(parser *p, mt_type *t, char close)
{
    while (t != NULL) {
        if (t->count == 0 && symbol(p, close)) break;
        if (t->kind == MT_ROW) {
            PyObject *field = name(p);
            int failed = field == NULL || PyList_Append(t->names, field) < 0;
            Py_XDECREF(field);
            if (failed) goto bad;
        }
        mt_type *child = parse(p);
        if (child == NULL || add_child(t, child) < 0) goto bad;
        space(p);
        if (t->kind == MT_ROW && *p->at == '\'') {
            PyObject *comment = quoted_text(p, '\'');
            if (comment == NULL) goto bad;
            Py_DECREF(comment);
        }
        if (symbol(p, close)) break;
        if (!symbol(p, ',')) {
            fail(p, close == '>' ? "',' or '>' is expected" : "',' or ')' is expected");
            goto bad;
        }
    }
    return t;
bad:
    Py_DECREF(t);
    return NULL;
}

static mt_type *container(parser *p, mt_kind kind, Py_ssize_t children)
{
    char close = '>';
    if (!symbol(p, '<')) {
        if (kind != MT_ROW || !symbol(p, '(')) return fail(p, "'<' is expected");
        close = ')';
    }
    mt_type *t = type_new(kind);
    if (t != NULL && kind == MT_ROW && (t->names = PyList_New(0)) == NULL) Py_CLEAR(t);
    t = nested(p, t, close);
    if (t != NULL && children >= 0 && t->count != children) {
        Py_DECREF(t);
        return fail(p, "this type takes another number of types");
    }
    return t;
}

static mt_type *multiset(parser *p)
{
    mt_type *t = container(p, MT_MULTISET, 1), *counts = t ? type_new(MT_INT) : NULL;
    if (counts == NULL) {
        Py_XDECREF(t);
        return NULL;
    }
    counts->nullable = false;
    if (add_child(t, counts) < 0) Py_CLEAR(t);
    return t;
}

static mt_type *interval(parser *p)
{
    static const char *const units[] = {"YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND"};
    int from = -1, to = -1, ignored;
    for (int round = 0; round < 2; round++) {
        int unit = 0;
        while (unit < 6 && !keyword(p, units[unit])) unit++;
        if (unit == 6) return fail(p, "YEAR, MONTH, DAY, HOUR, MINUTE or SECOND is expected");
        if (length(p, 0, 9, 0, &ignored) < 0) return NULL;
        if (round == 0) from = unit;
        to = unit;
        if (round == 1 || !keyword(p, "TO")) break;
    }
    if (to < from || (from < 2) != (to < 2)) return fail(p, "no such interval");
    return type_new(from < 2 ? MT_INTERVAL_YM : MT_INTERVAL_DS);
}

static mt_type *temporal(parser *p, mt_kind kind, int fallback)
{
    int precision;
    if (length(p, 0, 9, fallback, &precision) < 0) return NULL;
    if (keyword(p, "WITHOUT")) {
        if (!keyword(p, "TIME") || !keyword(p, "ZONE")) return fail(p, "TIME ZONE is expected");
    } else if (kind == MT_TIMESTAMP && keyword(p, "WITH")) {
        if (!keyword(p, "LOCAL") || !keyword(p, "TIME") || !keyword(p, "ZONE"))
            return fail(p, "LOCAL TIME ZONE is expected");
        kind = MT_TIMESTAMP_LTZ;
    }
    mt_type *t = type_new(kind);
    if (t != NULL) t->precision = precision;
    return t;
}

static mt_type *sized(parser *p, mt_kind kind, int fallback)
{
    int n;
    if (length(p, 1, INT32_MAX, fallback, &n) < 0) return NULL;
    mt_type *t = type_new(kind);
    if (t != NULL) t->precision = n;
    return t;
}

static mt_type *decimal(parser *p)
{
    int precision = 10, scale = 0;
    if (symbol(p, '(')) {
        if (number(p, 1, 38, &precision) < 0) return NULL;
        if (symbol(p, ',') && number(p, 0, precision, &scale) < 0) return NULL;
        if (!symbol(p, ')')) return fail(p, "')' is expected");
    }
    mt_type *t = type_new(MT_DECIMAL);
    if (t != NULL) {
        t->precision = precision;
        t->scale = scale;
    }
    return t;
}

static mt_type *raw(parser *p)
{
    if (!symbol(p, '(')) return fail(p, "'(' is expected");
    mt_type *t = type_new(MT_RAW);
    if (t == NULL) return NULL;
    if ((t->raw_class = quoted_text(p, '\'')) == NULL) goto bad;
    if (!symbol(p, ',')) {
        fail(p, "',' is expected");
        goto bad;
    }
    if ((t->raw_snapshot = quoted_text(p, '\'')) == NULL) goto bad;
    if (symbol(p, ')')) return t;
    fail(p, "')' is expected");
bad:
    Py_DECREF(t);
    return NULL;
}

static mt_type *parse_base(parser *p)
{
    static const struct {
        const char *word;
        mt_kind kind;
    } plain[] = {
        {"BOOLEAN", MT_BOOLEAN}, {"TINYINT", MT_TINYINT}, {"SMALLINT", MT_SMALLINT},
        {"INTEGER", MT_INT}, {"INT", MT_INT}, {"BIGINT", MT_BIGINT}, {"FLOAT", MT_FLOAT},
        {"BIG_INTEGER", MT_BIG_INTEGER}, {"BIG_DECIMAL", MT_BIG_DECIMAL},
        {"PICKLED", MT_PICKLED}, {"DATE", MT_DATE}, {"INSTANT", MT_INSTANT}, {"NULL", MT_NULL},
    };
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        if (keyword(p, plain[i].word)) return type_new(plain[i].kind);
    if (keyword(p, "DOUBLE")) {
        keyword(p, "PRECISION");
        return type_new(MT_DOUBLE);
    }
    if (keyword(p, "DECIMAL") || keyword(p, "DEC") || keyword(p, "NUMERIC")) return decimal(p);
    if (keyword(p, "STRING")) return sized(p, MT_VARCHAR, INT32_MAX);
    if (keyword(p, "BYTES")) return sized(p, MT_VARBINARY, INT32_MAX);
    if (keyword(p, "CHAR")) return sized(p, MT_CHAR, 1);
    if (keyword(p, "VARCHAR")) return sized(p, MT_VARCHAR, 1);
    if (keyword(p, "BINARY")) return sized(p, MT_BINARY, 1);
    if (keyword(p, "VARBINARY")) return sized(p, MT_VARBINARY, 1);
    if (keyword(p, "TIMESTAMP_LTZ")) return temporal(p, MT_TIMESTAMP_LTZ, 6);
    if (keyword(p, "TIMESTAMP")) return temporal(p, MT_TIMESTAMP, 6);
    if (keyword(p, "TIME")) return temporal(p, MT_TIME, 0);
    if (keyword(p, "INTERVAL")) return interval(p);
    if (keyword(p, "RAW")) return raw(p);
    if (keyword(p, "ARRAY")) return container(p, MT_ARRAY, 1);
    if (keyword(p, "LIST")) return container(p, MT_LIST, 1);
    if (keyword(p, "MAP")) return container(p, MT_MAP, 2);
    if (keyword(p, "MULTISET")) return multiset(p);
    if (keyword(p, "ROW")) return container(p, MT_ROW, -1);
    if (keyword(p, "TUPLE")) return container(p, MT_TUPLE, -1);
    return fail(p, "no type has this name");
}

static mt_type *parse(parser *p)
{
    if (++p->depth > MAX_DEPTH) return fail(p, "types are nested too deeply");
    mt_type *t = parse_base(p);
    p->depth--;
    if (t == NULL) return NULL;
    if (keyword(p, "NOT")) {
        if (!keyword(p, "NULL")) {
            Py_DECREF(t);
            return fail(p, "NULL is expected after NOT");
        }
        t->nullable = false;
    } else if (t->kind != MT_NULL) {
        keyword(p, "NULL");
    }
    return t;
}

mt_type *mt_type_from(PyObject *text)
{
    if (Py_TYPE(text) == &mt_type_object) return (mt_type *)mt_ref(text);
    if (!PyUnicode_Check(text)) {
        PyErr_Format(PyExc_TypeError, "a type is given as text, not as %s",
                     Py_TYPE(text)->tp_name);
        return NULL;
    }
    if (cache == NULL && (cache = PyDict_New()) == NULL) return NULL;
    PyObject *known = PyDict_GetItemWithError(cache, text);
    if (known != NULL) return (mt_type *)mt_ref(known);
    if (PyErr_Occurred()) return NULL;
    Py_ssize_t size;
    const char *utf8 = PyUnicode_AsUTF8AndSize(text, &size);
    if (utf8 == NULL) return NULL;
    parser p = {utf8, utf8, 0};
    mt_type *t = parse(&p);
    if (t == NULL) return NULL;
    space(&p);
    if (p.at != utf8 + size) {
        Py_DECREF(t);
        return fail(&p, "the type ends before this");
    }
    if (PyDict_SetItem(cache, text, (PyObject *)t) < 0) Py_CLEAR(t);
    return t;
}

/* ---- for Python ---------------------------------------------------------------------------- */

static PyObject *type_py_new(PyTypeObject *cls, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"text", NULL};
    PyObject *text;
    (void)cls;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O:Type", names, &text)) return NULL;
    return (PyObject *)mt_type_from(text);
}

static PyObject *type_str(mt_type *t)
{
    PyObject *text = mt_type_text(t);
    return text ? mt_ref(text) : NULL;
}

static PyObject *type_repr(mt_type *t)
{
    PyObject *text = mt_type_text(t);
    return text ? PyUnicode_FromFormat("Type(%R)", text) : NULL;
}

static PyObject *type_compare(PyObject *a, PyObject *b, int op)
{
    if (Py_TYPE(a) != &mt_type_object || Py_TYPE(b) != &mt_type_object) Py_RETURN_NOTIMPLEMENTED;
    PyObject *x = mt_type_text((mt_type *)a), *y = x ? mt_type_text((mt_type *)b) : NULL;
    return y ? PyUnicode_RichCompare(x, y, op) : NULL;
}

static Py_hash_t type_hash(mt_type *t)
{
    PyObject *text = mt_type_text(t);
    return text ? PyObject_Hash(text) : -1;
}

static PyObject *get_kind(mt_type *t, void *unused)
{
    (void)unused;
    return PyUnicode_FromString(kind_names[t->kind]);
}

static PyObject *get_nullable(mt_type *t, void *unused)
{
    (void)unused;
    return PyBool_FromLong(t->nullable);
}

static PyObject *get_precision(mt_type *t, void *unused)
{
    (void)unused;
    return PyLong_FromLong(t->precision);
}

static PyObject *get_scale(mt_type *t, void *unused)
{
    (void)unused;
    return PyLong_FromLong(t->scale);
}

static PyObject *get_names(mt_type *t, void *unused)
{
    (void)unused;
    if (t->names == NULL) Py_RETURN_NONE;
    return PyList_GetSlice(t->names, 0, PyList_GET_SIZE(t->names));
}

static PyObject *get_children(mt_type *t, void *unused)
{
    (void)unused;
    PyObject *out = PyTuple_New(t->count);
    for (Py_ssize_t i = 0; out != NULL && i < t->count; i++)
        PyTuple_SET_ITEM(out, i, mt_ref((PyObject *)t->children[i]));
    return out;
}

static PyGetSetDef type_getset[] = {
    {"kind", (getter)get_kind, NULL, "The type's name without its parameters.", NULL},
    {"nullable", (getter)get_nullable, NULL, "Whether None is a value of it.", NULL},
    {"precision", (getter)get_precision, NULL, "Precision, or the length of CHAR … BYTES.", NULL},
    {"scale", (getter)get_scale, NULL, "Scale of a DECIMAL.", NULL},
    {"names", (getter)get_names, NULL, "Field names of a ROW, else None.", NULL},
    {"children", (getter)get_children, NULL, "The types inside this one.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

PyTypeObject mt_type_object = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "martlet._native.Type",
    .tp_doc = "A type, parsed from the text form of docs/types.md. ``str()`` gives it back.",
    .tp_basicsize = sizeof(mt_type),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = type_py_new,
    .tp_dealloc = (destructor)type_dealloc,
    .tp_str = (reprfunc)type_str,
    .tp_repr = (reprfunc)type_repr,
    .tp_richcompare = type_compare,
    .tp_hash = (hashfunc)type_hash,
    .tp_getset = type_getset,
};
