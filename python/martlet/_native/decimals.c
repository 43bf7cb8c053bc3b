/* DECIMAL(p, s) as 128-bit unscaled integers, and BIG_DECIMAL as plain text. */
#include "native.h"

static mt_i128 power_of_ten(int n)
{
    mt_i128 v = 1;
    while (n-- > 0) v *= 10;
    return v;
}

PyObject *mt_read_decimal(mt_reader *r, uint32_t i)
{
    if (!mt_valid(r, i)) Py_RETURN_NONE;
    mt_i128 v;
    memcpy(&v, r->data + (size_t)i * 16, 16);
    bool negative = v < 0;
    unsigned __int128 rest = negative ? -(unsigned __int128)v : (unsigned __int128)v;
    char text[64], *at = text + sizeof text;
    int digits = 0, scale = r->type->scale;
    do {
        if (digits == scale && scale > 0) *--at = '.';
        *--at = (char)('0' + (int)(rest % 10));
        rest /= 10;
        digits++;
    } while (rest != 0 || digits <= scale);
    if (negative) *--at = '-';
    PyObject *s = PyUnicode_FromStringAndSize(at, text + sizeof text - at);
    if (s == NULL) return NULL;
    PyObject *out = PyObject_CallFunctionObjArgs(mt_lazy.decimal, s, NULL);
    Py_DECREF(s);
    return out;
}

/* Rescales the text of a Decimal, such as "-12.5E+3", to an integer of `scale` decimals, rounding
 * half up as Flink's DecimalData.fromBigDecimal does. False if it is not a number or has more than
 * `precision` digits then. */
static bool unscaled(const char *s, int precision, int scale, mt_i128 *out)
{
    bool negative = *s == '-';
    if (*s == '-' || *s == '+') s++;
    const char *digits = s;
    long fraction = 0, total = 0, exponent = 0;
    bool point = false;
    for (; (*s >= '0' && *s <= '9') || *s == '.'; s++) {
        if (*s == '.') {
            point = true;
            continue;
        }
        total++;
        fraction += point;
    }
    const char *end = s;
    if (total == 0) return false;
    if (*s == 'E' || *s == 'e') {
        char *after;
        exponent = strtol(s + 1, &after, 10);
        s = after;
    }
    if (*s != 0) return false;
    /* Of `total` digits the first `keep` stand before the last decimal of the result. */
    long keep = total - fraction + exponent + scale, seen = 0;
    unsigned __int128 v = 0, limit = (unsigned __int128)power_of_ten(precision);
    bool up = false;
    for (const char *c = digits; c < end; c++) {
        if (*c == '.') continue;
        if (seen++ >= keep) {
            up = seen - 1 == keep && *c >= '5';
            break;
        }
        if (v >= limit / 10) return false; /* before it could overflow */
        v = v * 10 + (unsigned)(*c - '0');
    }
    if (v != 0)
        for (; seen < keep; seen++) {
            if (v >= limit / 10) return false;
            v *= 10;
        }
    if (up && ++v >= limit) return false;
    *out = negative ? -(mt_i128)v : (mt_i128)v;
    return true;
}

int mt_write_decimal(mt_writer *w, PyObject *v)
{
    if (!PyObject_TypeCheck(v, (PyTypeObject *)mt_lazy.decimal) &&
        !(PyLong_Check(v) && !PyBool_Check(v)))
        return mt_misfit(w, v, NULL);
    PyObject *text = PyObject_Str(v);
    const char *s = text ? PyUnicode_AsUTF8(text) : NULL;
    mt_i128 value;
    bool fits = s != NULL && unscaled(s, w->type->precision, w->type->scale, &value);
    Py_XDECREF(text);
    if (!fits) return mt_misfit(w, v, "it does not fit in the type's digits");
    return mt_put(w, &value, 16);
}

PyObject *mt_read_big_decimal(mt_reader *r, uint32_t i)
{
    if (!mt_valid(r, i)) Py_RETURN_NONE;
    int32_t from, to;
    memcpy(&from, r->offsets + (size_t)i * 4, 4);
    memcpy(&to, r->offsets + (size_t)i * 4 + 4, 4);
    PyObject *s = PyUnicode_DecodeUTF8((const char *)r->data + from, to - from, NULL);
    if (s == NULL) return NULL;
    PyObject *out = PyObject_CallFunctionObjArgs(mt_lazy.decimal, s, NULL);
    Py_DECREF(s);
    return out;
}

int mt_write_big_decimal(mt_writer *w, PyObject *v)
{
    bool is_decimal = PyObject_TypeCheck(v, (PyTypeObject *)mt_lazy.decimal);
    if (!is_decimal && !(PyLong_Check(v) && !PyBool_Check(v))) return mt_misfit(w, v, NULL);
    PyObject *format = is_decimal ? PyUnicode_FromString("f") : NULL;
    PyObject *text = is_decimal ? (format ? PyObject_Format(v, format) : NULL) : PyObject_Str(v);
    Py_XDECREF(format);
    Py_ssize_t length = 0;
    const char *s = text ? PyUnicode_AsUTF8AndSize(text, &length) : NULL;
    int failed = -1;
    if (s == NULL || length == 0)
        mt_misfit(w, v, NULL);
    else if (strpbrk(s, "nN") != NULL) /* NaN, sNaN, Infinity */
        mt_misfit(w, v, "it is not a finite number");
    else
        failed = mt_put_bytes(w, s, length, v);
    Py_XDECREF(text);
    return failed;
}
