/* Rows that wait for an event loop, between the loop over rows and the thread of coroutines. */
#include "async.h"
#include <errno.h>
#include <poll.h>

void mt_async_free(mt_async *a)
{
    if (a == NULL) return;
    Py_XDECREF(a->submit);
    Py_XDECREF(a->mark);
    Py_XDECREF(a->take);
    PyMem_Free(a);
}

/* Reads (submit, mark, take, wake). */
int mt_async_parse(mt_stage *s, mt_step *st, PyObject *given)
{
    PyObject *submit, *mark, *take;
    int wake;
    if (st != s->steps) {
        PyErr_SetString(PyExc_ValueError, "an asynchronous step must be the first of its stage");
        return -1;
    }
    if (!PyTuple_Check(given)) {
        PyErr_SetString(PyExc_TypeError, "an async has a tuple (submit, mark, take, wake)");
        return -1;
    }
    if (!PyArg_ParseTuple(given, "OOOi:async", &submit, &mark, &take, &wake)) return -1;
    mt_async *a = s->async = PyMem_Calloc(1, sizeof *a);
    if (a == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    a->step = st->index;
    a->submit = mt_ref(submit);
    a->mark = mt_ref(mark);
    a->take = mt_ref(take);
    a->wake = wake;
    a->peer = -1;
    return 0;
}

int mt_async_wait(mt_stage *s, bool read)
{
    struct pollfd fds[2] = {{s->async->wake, POLLIN, 0}, {s->async->peer, read ? POLLIN : 0, 0}};
    while (true) {
        int n, error;
        Py_BEGIN_ALLOW_THREADS
        n = poll(fds, s->async->peer >= 0 ? 2 : 1, -1);
        error = errno;
        Py_END_ALLOW_THREADS
        if (n > 0) break;
        if (error == EINTR && PyErr_CheckSignals() == 0) continue;
        errno = error;
        if (error != EINTR) PyErr_SetFromErrno(PyExc_OSError);
        return -1;
    }
    /* What the peer has said before it left is read first, and then its end is found. */
    if (!read && fds[1].revents & (POLLHUP | POLLERR)) {
        PyErr_SetString(PyExc_BrokenPipeError, "the runtime is gone");
        return -1;
    }
    return (fds[0].revents ? 1 : 0) | (fds[1].revents ? 2 : 0);
}

/* One row that is done: what it came to goes through the steps behind. */
static int deliver_row(mt_stage *s, PyObject *item)
{
    PyObject *value, *time, *results, *error;
    if (!PyArg_ParseTuple(item, "OOOO:take", &value, &time, &results, &error))
        return mt_stage_failed(s, "internal", s->async->step, NULL);
    if (error != Py_None) {
        PyErr_SetObject((PyObject *)Py_TYPE(error), error);
        return mt_stage_failed(s, "user", s->async->step, value);
    }
    s->row_has_time = time != Py_None;
    if (s->row_has_time) s->row_time = PyLong_AsLongLong(time);
    return mt_stage_run_results(s, 0, results, value);
}

int mt_async_deliver(mt_stage *s)
{
    PyObject *items = PyObject_CallNoArgs(s->async->take);
    if (items == NULL || !PyList_Check(items)) {
        if (items != NULL) PyErr_SetString(PyExc_TypeError, "take() gives a list");
        Py_XDECREF(items);
        return mt_stage_failed(s, "internal", s->async->step, NULL);
    }
    /* The row at work goes on when this is done. */
    int64_t time = s->row_time;
    bool has_time = s->row_has_time;
    int out = 0;
    for (Py_ssize_t i = 0; out == 0 && i < PyList_GET_SIZE(items); i++) {
        PyObject *item = PyList_GET_ITEM(items, i);
        if (item != Py_None) {
            out = deliver_row(s, item);
        } else {
            out = mt_stage_settle(s);
            if (out == 0) out = s->async->answer(s, s->async->context);
        }
    }
    if (out == 0) out = mt_stage_settle(s);
    if (out == 0) out = (int)PyList_GET_SIZE(items);
    Py_DECREF(items);
    s->row_time = time;
    s->row_has_time = has_time;
    return out;
}

int mt_async_submit(mt_stage *s, PyObject *value)
{
    PyObject *time = s->row_has_time ? PyLong_FromLongLong(s->row_time) : mt_ref(Py_None);
    int out = time ? 0 : -1;
    while (out == 0) {
        PyObject *taken = PyObject_CallFunctionObjArgs(s->async->submit, value, time, NULL);
        int done = taken ? PyObject_IsTrue(taken) : -1;
        Py_XDECREF(taken);
        if (done < 0) out = mt_stage_failed(s, "internal", s->async->step, value);
        if (done != 0) break;
        if ((out = mt_async_deliver(s)) == 0)
            /* What is done leaves now, since it may be long until the next one is. */
            out = mt_stage_flush(s, 0) < 0 || mt_async_wait(s, false) < 0 ? -1 : 0;
        else if (out > 0)
            out = 0;
    }
    Py_XDECREF(time);
    return out;
}

int mt_async_mark(mt_stage *s, bool boundary)
{
    PyObject *done = PyObject_CallOneArg(s->async->mark, boundary ? Py_True : Py_False);
    Py_XDECREF(done);
    return done ? 0 : mt_stage_failed(s, "internal", s->async->step, NULL);
}

/* ---- a stage that is called, and not served ---------------------------------------------------- */

static int answer_call(mt_stage *s, void *context)
{
    *(bool *)context = true;
    return mt_stage_flush(s, MT_FLAG_LAST);
}

int mt_async_process(mt_stage *s, const uint8_t *data, size_t length, int flags)
{
    bool answered = false;
    s->async->answer = answer_call;
    s->async->context = &answered;
    if (mt_stage_rows(s, data, length, flags) < 0 || mt_async_mark(s, false) < 0) return -1;
    while (true) {
        if (mt_async_deliver(s) < 0) return -1;
        if (answered) return 0;
        if (mt_async_wait(s, false) < 0) return -1;
    }
}
