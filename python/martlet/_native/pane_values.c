/* What the panes of a window come to.
 *
 * A window is a fold over its panes. From one window to the next some panes go in front and some come
 * behind, so two stacks do with some three folds a window, however many panes it has: the older panes
 * have what they come to with those behind them, and the younger ones come to one value. */
#include "window.h"

void mt_panes_changed(mt_cursor *c, int64_t start)
{
    if (start < c->folded) {
        c->folded = c->back_end = INT64_MIN;
    } else if (start < c->back_end) {
        c->back_end = c->folded;
    } else
        return;
    Py_CLEAR(c->back);
    Py_CLEAR(c->total);
}

/* ---- folds ----------------------------------------------------------------------------------- */

static bool is_atom(PyObject *v)
{
    return v == Py_None || PyLong_CheckExact(v) || PyFloat_CheckExact(v) || PyUnicode_CheckExact(v) ||
           PyBool_Check(v) || PyBytes_CheckExact(v);
}

/* New reference: a value that a fold may change, without changing what it was made of. */
static PyObject *own(mt_window *w, PyObject *value)
{
    if (w->copy == NULL || is_atom(value)) return mt_ref(value);
    if (PyTuple_CheckExact(value) || PyList_CheckExact(value)) {
        Py_ssize_t i = 0, n = PySequence_Fast_GET_SIZE(value);
        while (i < n && is_atom(PySequence_Fast_GET_ITEM(value, i))) i++;
        if (i == n) return PyTuple_CheckExact(value) ? mt_ref(value) : PyList_GetSlice(value, 0, n);
    }
    return PyObject_CallOneArg(w->copy, value);
}

/* merge(a, b), of copies. Steals `a` if `a_is_own`. */
static PyObject *merged(mt_window *w, PyObject *a, PyObject *b, bool a_is_own)
{
    PyObject *first = a_is_own ? a : own(w, a), *second = first ? own(w, b) : NULL, *out = NULL;
    if (second != NULL) out = mt_call2(&w->merge, first, second);
    Py_XDECREF(first);
    Py_XDECREF(second);
    return out && out != Py_None ? mt_coerce(w->type, out, &w->encoding) : out;
}

/* Gives each of these panes what it and those behind it come to. */
static int fold_all(mt_step *st, mt_cursor *c, PyObject *key, uint32_t end)
{
    PyObject *behind = NULL; /* borrowed from the pane */
    for (uint32_t i = end; i-- > c->first;) {
        mt_pane *p = &c->panes[i];
        PyObject *value = mt_pane_value(st, key, p), *suffix;
        if (value == NULL && PyErr_Occurred()) return -1;
        if (value == NULL || value == Py_None)
            suffix = behind ? mt_ref(behind) : NULL;
        else
            suffix = behind ? merged(st->window, value, behind, false) : mt_ref(value);
        if (suffix == NULL && PyErr_Occurred()) return -1;
        Py_XSETREF(p->suffix, suffix);
        behind = suffix;
    }
    return 0;
}

/* Adds panes that have come behind to the value of the younger ones. */
static int fold_back(mt_step *st, mt_cursor *c, PyObject *key, uint32_t end)
{
    uint32_t i = end;
    while (i > c->first && c->panes[i - 1].start >= c->back_end) i--;
    for (; i < end; i++) {
        PyObject *value = mt_pane_value(st, key, &c->panes[i]);
        if (value == NULL && PyErr_Occurred()) return -1;
        if (value == NULL) continue;
        PyObject *back = c->back;
        c->back = NULL;
        c->back = back ? merged(st->window, back, value, true) : own(st->window, value);
        if (c->back == NULL) return -1;
    }
    return 0;
}

static PyObject *folded(mt_step *st, mt_cursor *c, PyObject *key, uint32_t end, int64_t time)
{
    if (c->panes[end - 1].start >= c->back_end) Py_CLEAR(c->total);
    if (c->total == NULL && (c->panes[c->first].start >= c->folded || c->folded == INT64_MIN)) {
        Py_CLEAR(c->back);
        c->folded = INT64_MIN; /* until all is folded */
        if (fold_all(st, c, key, end) < 0) return NULL;
        c->folded = c->back_end = time;
    } else if (c->total == NULL && fold_back(st, c, key, end) < 0)
        return NULL;
    if (c->back_end < time) c->back_end = time;
    if (c->total == NULL) {
        mt_pane *p = &c->panes[c->first];
        PyObject *front = p->start < c->folded ? p->suffix : NULL;
        if (front != NULL && c->back != NULL)
            c->total = merged(st->window, front, c->back, false);
        else if (front != NULL || c->back != NULL)
            c->total = mt_ref(front ? front : c->back);
        if (c->total == NULL) return NULL;
    }
    if (c->total == Py_None) return NULL; /* as a state would be: empty */
    return own(st->window, c->total);
}

/* ---- lists ----------------------------------------------------------------------------------- */

static int64_t number_of(PyObject *pair)
{
    return PyLong_AsLongLong(PyTuple_GET_ITEM(pair, 0));
}

/* Puts a run of numbered pairs into order with those before it: all[..count] and all[count..n]. */
static int merge_run(PyObject **all, Py_ssize_t count, Py_ssize_t n)
{
    if (count == 0 || count == n || number_of(all[count - 1]) <= number_of(all[count])) return 0;
    Py_ssize_t from = count - 1, i, j = count, at;
    int64_t first = number_of(all[count]);
    while (from > 0 && number_of(all[from - 1]) > first) from--;
    PyObject **before = PyMem_Malloc((size_t)(count - from) * sizeof *before);
    if (before == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    memcpy(before, all + from, (size_t)(count - from) * sizeof *before);
    for (i = 0, at = from; i < count - from && j < n;)
        all[at++] = number_of(before[i]) <= number_of(all[j]) ? before[i++] : all[j++];
    if (i < count - from) memcpy(all + at, before + i, (size_t)(count - from - i) * sizeof *before);
    PyMem_Free(before);
    return 0;
}

/* The elements in the order of their arrival. Each pane has its own in order, numbered, and panes
 * overlap little. */
static PyObject *listed(mt_step *st, mt_cursor *c, PyObject *key, uint32_t end)
{
    Py_ssize_t n = 0, count = 0;
    for (uint32_t i = c->first; i < end; i++) {
        PyObject *value = mt_pane_value(st, key, &c->panes[i]);
        if (value != NULL) n += PyList_GET_SIZE(value);
        else if (PyErr_Occurred()) return NULL;
    }
    PyObject *out = n ? PyList_New(n) : NULL;
    if (out == NULL) return NULL;
    PyObject **all = ((PyListObject *)out)->ob_item; /* pairs, borrowed until they are replaced */
    int failed = 0;
    for (uint32_t i = c->first; i < end; i++) {
        PyObject *value = c->panes[i].record->slots[st->window->slot].value;
        if (value == NULL) continue;
        Py_ssize_t more = PyList_GET_SIZE(value);
        memcpy(all + count, ((PyListObject *)value)->ob_item, (size_t)more * sizeof *all);
        if (failed == 0) failed = merge_run(all, count, count + more);
        count += more;
    }
    for (Py_ssize_t i = 0; i < n; i++) all[i] = mt_ref(PyTuple_GET_ITEM(all[i], 1));
    if (failed < 0) Py_CLEAR(out);
    return out;
}

PyObject *mt_panes_contents(mt_step *st, mt_cursor *c, PyObject *key, int64_t start)
{
    mt_window *w = st->window;
    int64_t time = start + w->length;
    uint32_t end = c->end;
    while (end > c->first && c->panes[end - 1].start >= time) end--;
    if (end == c->first) return NULL;
    if (w->contents == MT_WINDOW_LIST) return listed(st, c, key, end);
    PyObject *total = folded(st, c, key, end, time);
    if (total == NULL || w->contents == MT_WINDOW_REDUCE) return total;
    PyObject *out = mt_call1(&w->result, total);
    Py_DECREF(total);
    if (out == Py_None) Py_CLEAR(out);
    return out;
}
