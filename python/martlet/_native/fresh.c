/* New objects for the values of a row, without an allocation where that is possible. A reader keeps
 * a reference to the last object that it made; if that is the only one, nobody can tell the object
 * from a new one, so it is made over, as zip() does with its tuples. */
#include "native.h"

#if PY_VERSION_HEX < 0x030e0000 && PyLong_SHIFT == 30 && !defined(Py_GIL_DISABLED)
#define MAKE_OVER 1
#else
#define MAKE_OVER 0
#endif

static inline bool unshared(PyObject *spare)
{
    return spare != NULL && Py_REFCNT(spare) == 1;
}

static inline PyObject *keep(mt_reader *r, PyObject *made)
{
    Py_XINCREF(made);
    Py_XSETREF(r->spare, made);
    return made;
}

#if MAKE_OVER
/* Sets an int with room for three digits, which none of the interpreter's own small ones is. */
static inline void set_int(PyLongObject *l, int64_t v)
{
    uint64_t rest = v < 0 ? -(uint64_t)v : (uint64_t)v;
#if PY_VERSION_HEX < 0x030c0000
    digit *digits = l->ob_digit;
#else
    digit *digits = l->long_value.ob_digit;
#endif
    Py_ssize_t n = 1;
    digits[0] = (digit)(rest & PyLong_MASK);
    if (UNLIKELY(rest >>= PyLong_SHIFT)) {
        digits[1] = (digit)(rest & PyLong_MASK);
        n = 2;
        if ((rest >>= PyLong_SHIFT)) {
            digits[2] = (digit)rest;
            n = 3;
        }
    }
#if PY_VERSION_HEX < 0x030c0000
    Py_SET_SIZE(l, v < 0 ? -n : n);
#else
    l->long_value.lv_tag = (uintptr_t)n << 3 | (v < 0 ? 2 : 0); /* 3.12 and 3.13 */
#endif
}
#endif

PyObject *mt_fresh_int(mt_reader *r, int64_t v)
{
#if MAKE_OVER
    if (LIKELY((uint64_t)(v + 5) > 261)) {
        if (!unshared(r->spare)) {
            if (keep(r, (PyObject *)_PyLong_New(3)) == NULL) return NULL;
            Py_DECREF(r->spare);
        }
        set_int((PyLongObject *)r->spare, v);
        return mt_ref(r->spare);
    }
#else
    (void)r;
#endif
    return PyLong_FromLongLong(v);
}

PyObject *mt_fresh_float(mt_reader *r, double v)
{
    if (unshared(r->spare)) {
        ((PyFloatObject *)r->spare)->ob_fval = v;
        return mt_ref(r->spare);
    }
    return keep(r, PyFloat_FromDouble(v));
}

/* A tuple whose items are NULL. */
PyObject *mt_fresh_tuple(mt_reader *r)
{
#if MAKE_OVER
    if (r->plain && unshared(r->spare)) {
        for (Py_ssize_t i = 0; i < r->count; i++) {
            PyObject *old = PyTuple_GET_ITEM(r->spare, i);
            PyTuple_SET_ITEM(r->spare, i, NULL);
            Py_XDECREF(old);
        }
        return mt_ref(r->spare);
    }
    if (r->plain && r->count > 0) return keep(r, PyTuple_New(r->count));
#endif
    return PyTuple_New(r->count);
}
