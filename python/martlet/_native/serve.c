/* Frames on the worker's data socket (docs/worker-protocol.md). */
#include "serve.h"
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

enum { FIRE_PREFIX = 64 /* watermark, bound, and room up to the alignment of the rows */ };

static channel *active; /* the one that serve() is at work on: a worker has one */

/* 1: all was read. 0: the peer is gone. -1: an exception. */
static int read_all(int fd, uint8_t *to, size_t length)
{
    while (length > 0) {
        ssize_t n;
        int error;
        Py_BEGIN_ALLOW_THREADS
        n = read(fd, to, length);
        error = errno;
        Py_END_ALLOW_THREADS
        if (n == 0 || (n < 0 && error == ECONNRESET)) return 0;
        if (n < 0) {
            if (error == EINTR && PyErr_CheckSignals() == 0) continue;
            errno = error;
            if (error != EINTR) PyErr_SetFromErrno(PyExc_OSError);
            return -1;
        }
        to += n;
        length -= (size_t)n;
    }
    return 1;
}

static int write_all(int fd, const uint8_t *from, size_t length)
{
    while (length > 0) {
        ssize_t n;
        int error;
        Py_BEGIN_ALLOW_THREADS
        n = write(fd, from, length);
        error = errno;
        Py_END_ALLOW_THREADS
        if (n < 0) {
            if (error == EINTR && PyErr_CheckSignals() == 0) continue;
            errno = error;
            if (error != EINTR) PyErr_SetFromErrno(PyExc_OSError);
            return -1;
        }
        from += n;
        length -= (size_t)n;
    }
    return 0;
}

static int read_header(int fd, header *h)
{
    int got = read_all(fd, (uint8_t *)h, HEADER);
    if (got == 1 && h->length > MT_MAX_BODY) {
        PyErr_Format(mt_DecodeError, "a frame's header is wrong: length %u, kind %d", h->length,
                     (int)h->kind);
        return -1;
    }
    return got;
}

/* The body of a small frame follows its header in one piece of memory. */
static int write_small(int fd, uint8_t kind, int flags, int index, uint64_t sequence,
                       const void *body, size_t n)
{
    uint8_t memory[HEADER + 64], *frame = n <= 64 ? memory : PyMem_RawMalloc(HEADER + n);
    if (frame == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    header h = {(uint32_t)n, kind, (uint8_t)flags, (uint16_t)index, sequence};
    memcpy(frame, &h, HEADER);
    if (n > 0) memcpy(frame + HEADER, body, n);
    int out = write_all(fd, frame, HEADER + n);
    if (frame != memory) PyMem_RawFree(frame);
    return out;
}

static int before_answer(channel *c)
{
    if (c->before == NULL) return 0;
    PyObject *r = PyObject_CallObject(c->before, NULL);
    Py_XDECREF(r);
    return r ? 0 : -1;
}

/* The sink of the stage: the body has room for its header in front. */
static int send_batch(mt_stage *s, void *context, uint8_t *body, size_t length, int flags, int output)
{
    channel *c = context;
    (void)s;
    if (flags & MT_FLAG_LAST && before_answer(c) < 0) return -1;
    header h = {(uint32_t)length, OUT_BATCH, (uint8_t)flags, (uint16_t)output, c->sequence};
    memcpy(body - HEADER, &h, HEADER);
    return write_all(c->fd, body - HEADER, HEADER + length);
}

static int room(channel *c, size_t length)
{
    if (length <= c->capacity && (c->capacity <= KEEP || length > KEEP)) return 0;
    size_t capacity = 1 << 16;
    while (capacity < length) capacity *= 2;
    free(c->memory);
    c->capacity = 0;
    c->memory = aligned_alloc(64, capacity);
    if (c->memory == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    c->capacity = capacity;
    return 0;
}

static int control_length(uint8_t kind)
{
    switch (kind) {
    case WATERMARK: return 8;
    case BARRIER: return 16;
    case STATUS: return 1;
    case END: return 0;
    default: return -1;
    }
}

/* Lets Python see a control frame before it is echoed. */
static int notice(PyObject *on_control, const header *h, const uint8_t *body)
{
    if (on_control == NULL) return 0;
    PyObject *r = PyObject_CallFunction(on_control, "iy#", (int)h->kind, (const char *)body,
                                        (Py_ssize_t)h->length);
    Py_XDECREF(r);
    return r ? 0 : -1;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int send_tick(channel *c, PyObject *tick)
{
    PyObject *body = PyObject_CallObject(tick, NULL);
    char *data;
    Py_ssize_t length;
    int out = body ? 0 : -1;
    if (body != NULL && body != Py_None)
        out = PyBytes_AsStringAndSize(body, &data, &length) < 0
                  ? -1
                  : write_small(c->fd, METRICS, 0, 0, c->sequence, data, (size_t)length);
    Py_XDECREF(body);
    return out;
}

/* The next frame, one that came early first; its body is in the channel's memory. */
static int next_frame(channel *c, header *h)
{
    waiting *early = c->first;
    if (early != NULL) {
        *h = early->h;
        if ((c->first = early->next) == NULL) c->last = &c->first;
        free(c->memory);
        c->memory = early->body;
        c->capacity = h->length;
        free(early);
        return 1;
    }
    int got = read_header(c->fd, h);
    if (got != 1) return got;
    if (room(c, h->length) < 0) return -1;
    return read_all(c->fd, c->memory, h->length);
}

static int fire(channel *c, mt_stage *s, const header *h)
{
    int64_t watermark, bound;
    PyObject *columns;
    if (h->length < FIRE_PREFIX) {
        PyErr_SetString(mt_DecodeError, "a frame of timers is too short");
        return -1;
    }
    memcpy(&watermark, c->memory, 8);
    memcpy(&bound, c->memory + 8, 8);
    mt_type *key_type = mt_stage_key_type(s, h->index);
    if (key_type == NULL) return -1;
    PyObject *types = PyTuple_Pack(2, (PyObject *)key_type, (PyObject *)mt_type_of_times());
    columns = types ? mt_columns_read(types, c->memory + FIRE_PREFIX, h->length - FIRE_PREFIX) : NULL;
    Py_XDECREF(types);
    if (columns == NULL) return -1;
    int out = mt_stage_fire(s, h->index, PyTuple_GET_ITEM(columns, 0), PyTuple_GET_ITEM(columns, 1),
                            watermark, bound, h->flags & MT_FLAG_PROCESSING);
    Py_DECREF(columns);
    return out;
}

int mt_check_control(const header *h)
{
    int expected = control_length(h->kind);
    if (expected >= 0 && (uint32_t)expected == h->length) return 0;
    PyErr_Format(mt_DecodeError, "no frame of kind %d has %u bytes here", (int)h->kind, h->length);
    return -1;
}

int mt_pass_control(channel *c, mt_stage *s, const header *h, const uint8_t *body)
{
    if (h->kind == WATERMARK) {
        int64_t watermark;
        memcpy(&watermark, body, 8);
        mt_stage_advance(s, s->count - 1, watermark);
    }
    return notice(c->hooks->on_control, h, body) < 0 || before_answer(c) < 0
               ? -1
               : write_small(c->fd, ECHO, 0, 0, h->sequence, body, h->length);
}

/* ---- frame after frame -------------------------------------------------------------------------- */

static int tick(channel *c)
{
    hooks *k = c->hooks;
    if (k->tick == NULL || now() < k->next) return 1;
    k->next = now() + k->seconds;
    return send_tick(c, k->tick) < 0 ? -1 : 1;
}

/* 2: the input has ended. 1: go on. 0: the peer is gone. -1: an exception. */
static int serve_one(channel *c, mt_stage *s)
{
    header h;
    int got = 1;
    if (c->open != NULL && (got = mt_later_await(c, s)) != 1) return got < 0 ? -1 : tick(c);
    if ((got = next_frame(c, &h)) != 1) return got;
    if (s->async != NULL && h.kind != FIRE) {
        got = mt_later_serve(c, s, &h);
        return got == 1 ? tick(c) : got;
    }
    if (c->open == NULL) c->sequence = h.sequence;
    if (h.kind == BATCH) {
        if (mt_stage_process(s, c->memory, h.length, h.flags) < 0) return -1;
    } else if (h.kind == FIRE) {
        if (c->open != NULL) {
            PyErr_SetString(mt_DecodeError, "timers came before the rows ahead of them were done");
            return -1;
        }
        if (fire(c, s, &h) < 0) return -1;
    } else {
        if (mt_check_control(&h) < 0) return -1;
        if (h.kind == END) return mt_stage_finish(s) < 0 ? -1 : 2;
        if (mt_pass_control(c, s, &h, c->memory) < 0) return -1;
    }
    return tick(c);
}

PyObject *mt_serve(PyObject *module, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"fd", "stage", "before_answer", "on_control", "tick", "tick_seconds", NULL};
    hooks k = {NULL, NULL, 5.0, 0};
    channel c = {.last = &c.first, .open_last = &c.open, .hooks = &k};
    mt_stage *s;
    PyObject *before = Py_None, *on_control = Py_None, *tick = Py_None;
    (void)module;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "iO!|$OOOd:serve", names, &c.fd, &mt_stage_object,
                                     &s, &before, &on_control, &tick, &k.seconds))
        return NULL;
    c.before = before == Py_None ? NULL : before;
    k.on_control = on_control == Py_None ? NULL : on_control;
    k.tick = tick == Py_None ? NULL : tick;
    k.next = now() + k.seconds;
    s->sink = send_batch;
    s->hurries = true;
    s->sink_context = &c;
    int status = 1;
    mt_later_begin(&c, s);
    active = &c;
    while (status == 1) status = serve_one(&c, s);
    mt_later_end(&c, s);
    active = NULL;
    free(c.memory);
    for (waiting *w = c.first, *next; w != NULL; w = next) {
        next = w->next;
        free(w->body);
        free(w);
    }
    if (status < 0) return NULL;
    return Py_BuildValue("(sK)", status == 2 ? "end" : "eof", (unsigned long long)c.sequence);
}

/* Keeps a frame that came before its turn. */
static int put_aside(channel *c, const header *h)
{
    waiting *w = malloc(sizeof *w);
    size_t capacity = ((size_t)h->length + 63) / 64 * 64;
    uint8_t *body = w ? aligned_alloc(64, capacity ? capacity : 64) : NULL;
    int got = -1;
    if (body == NULL) PyErr_NoMemory();
    else got = read_all(c->fd, body, h->length);
    if (got != 1) {
        free(w);
        free(body);
        return got;
    }
    *w = (waiting){NULL, *h, body};
    *c->last = w;
    c->last = &w->next;
    return 1;
}

/* send(kind, index, body): a frame that belongs to what is being answered. */
PyObject *mt_send(PyObject *module, PyObject *args)
{
    int kind, index;
    Py_buffer body;
    (void)module;
    if (!PyArg_ParseTuple(args, "iiy*:send", &kind, &index, &body)) return NULL;
    int out = -1;
    if (active == NULL)
        PyErr_SetString(PyExc_RuntimeError, "no stage is being served");
    else
        out = write_small(active->fd, (uint8_t)kind, 0, index, active->sequence, body.buf,
                          (size_t)body.len);
    PyBuffer_Release(&body);
    if (out < 0) return NULL;
    Py_RETURN_NONE;
}

/* request(kind, index, body) -> (flags, body): sends, and waits for the STATE frame that answers. */
PyObject *mt_request(PyObject *module, PyObject *args)
{
    header h;
    PyObject *sent = mt_send(module, args);
    if (sent == NULL) return NULL;
    Py_DECREF(sent);
    while (true) {
        int got = read_header(active->fd, &h);
        if (got == 1 && h.kind != STATE) got = put_aside(active, &h);
        else if (got == 1) {
            PyObject *body = PyBytes_FromStringAndSize(NULL, h.length);
            if (body != NULL) got = read_all(active->fd, (uint8_t *)PyBytes_AS_STRING(body), h.length);
            if (body != NULL && got == 1) return Py_BuildValue("(iN)", (int)h.flags, body);
            Py_XDECREF(body);
            if (got == 1) return NULL;
        }
        if (got < 0) return NULL;
        if (got == 0) {
            PyErr_SetString(PyExc_BrokenPipeError, "the runtime is gone");
            return NULL;
        }
    }
}

/* ---- single frames, and processes --------------------------------------------------------------- */

PyObject *mt_read_frame(PyObject *module, PyObject *args)
{
    int fd;
    header h;
    (void)module;
    if (!PyArg_ParseTuple(args, "i:read_frame", &fd)) return NULL;
    int got = read_header(fd, &h);
    if (got < 0) return NULL;
    if (got == 0) Py_RETURN_NONE;
    PyObject *body = PyBytes_FromStringAndSize(NULL, h.length);
    if (body == NULL) return NULL;
    got = read_all(fd, (uint8_t *)PyBytes_AS_STRING(body), h.length);
    if (got != 1) {
        Py_DECREF(body);
        if (got < 0) return NULL;
        Py_RETURN_NONE;
    }
    return Py_BuildValue("(iiKN)", (int)h.kind, (int)h.flags, (unsigned long long)h.sequence, body);
}

PyObject *mt_write_frame(PyObject *module, PyObject *args)
{
    int fd, kind, flags;
    unsigned long long sequence;
    Py_buffer body;
    (void)module;
    if (!PyArg_ParseTuple(args, "iiiKy*:write_frame", &fd, &kind, &flags, &sequence, &body))
        return NULL;
    int out = -1;
    if ((size_t)body.len > MT_MAX_BODY)
        PyErr_SetString(PyExc_ValueError, "the body of a frame has at most 1 GiB");
    else
        out = write_small(fd, (uint8_t)kind, flags, 0, sequence, body.buf, (size_t)body.len);
    PyBuffer_Release(&body);
    if (out < 0) return NULL;
    Py_RETURN_NONE;
}

PyObject *mt_set_pdeathsig(PyObject *module, PyObject *args)
{
    int number = SIGKILL;
    (void)module;
    if (!PyArg_ParseTuple(args, "|i:set_pdeathsig", &number)) return NULL;
    if (prctl(PR_SET_PDEATHSIG, (unsigned long)number, 0, 0, 0) < 0)
        return PyErr_SetFromErrno(PyExc_OSError);
    Py_RETURN_NONE;
}
