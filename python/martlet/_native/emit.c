/* Results: into columns, and out as bodies of frames. */
#include "native.h"
#include <time.h>

enum { WAIT_MILLIS = 10, FAST_MILLIS = 2, MAX_ROWS_BETWEEN = 64 };

int mt_output_init(mt_output *o, int index)
{
    mt_type *times = mt_type_of_times(), *marks = times ? mt_type_of_kinds() : NULL;
    o->index = index;
    if (marks == NULL || mt_writer_init(&o->value, o->type, &o->encoding) < 0 ||
        mt_writer_init(&o->time, times, &o->encoding) < 0 ||
        mt_writer_init(&o->kind, marks, &o->encoding) < 0)
        return -1;
    o->row_width = o->value.width + 9;
    if (o->key_type == NULL) return 0;
    o->row_width += 8;
    if (mt_writer_init(&o->key, o->key_type, &o->encoding) < 0) return -1;
    mt_writer_exact(&o->key);
    return 0;
}

void mt_output_free(mt_output *o)
{
    mt_writer *writers[] = {&o->value, &o->key, &o->time, &o->kind};
    for (int i = 0; i < 4; i++) mt_writer_free(writers[i]);
    mt_encoding_clear(&o->encoding);
    Py_XDECREF(o->type);
    Py_XDECREF(o->key_type);
}

void mt_output_clear(mt_output *o)
{
    mt_writer *columns[] = {&o->value, &o->key, &o->time, &o->kind};
    for (int i = 0; i < 4; i++) mt_writer_clear(columns[i]);
    o->rows = 0;
    o->with_kinds = false;
    o->encoding.bytes = 0;
}

static int flush(mt_stage *s, mt_output *o, int flags)
{
    mt_writer *columns[4] = {&o->value};
    Py_ssize_t count = 1;
    if (o->key_type != NULL) columns[count++] = &o->key;
    if (s->with_time) {
        columns[count++] = &o->time;
        flags |= MT_FLAG_TIMESTAMPS;
    }
    if (o->with_kinds) {
        columns[count++] = &o->kind;
        flags |= MT_FLAG_KINDS;
    }
    size_t size = mt_layout_size(columns, count);
    if (size > MT_MAX_BODY) {
        PyErr_Format(PyExc_ValueError, "a batch of %zu bytes is larger than 1 GiB", size);
        return mt_stage_failed(s, "output", s->count - 1, NULL);
    }
    s->frame.length = 0;
    if (mt_buffer_reserve(&s->frame, 64 + size) < 0) return mt_stage_failed(s, "internal", -1, NULL);
    mt_layout_copy(columns, count, o->rows, s->frame.data + 64);
    s->rows_out += o->rows;
    mt_output_clear(o);
    if (s->sink(s, s->sink_context, s->frame.data + 64, size, flags, o->index) < 0)
        return mt_stage_failed(s, "internal", -1, NULL);
    return 0;
}

int mt_stage_flush(mt_stage *s, int flags)
{
    for (int i = s->output_count - 1; i > 0; i--)
        if (s->outputs[i].rows > 0 && flush(s, &s->outputs[i], 0) < 0) return -1;
    if (s->outputs[0].rows == 0 && flags == 0) return 0;
    return flush(s, &s->outputs[0], flags);
}

/* The clock of a few ms' grain costs next to nothing, and where rows are fast it is read once for
 * many of them. */
static int64_t coarse_millis(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int mt_stage_look(mt_stage *s)
{
    int64_t now = coarse_millis();
    bool fast = now - s->looked_at <= FAST_MILLIS * s->rows_since / (MAX_ROWS_BETWEEN / 2) + 1;
    if (!fast)
        s->rows_between = 0;
    else if (s->rows_between < MAX_ROWS_BETWEEN)
        s->rows_between = s->rows_between ? 2 * s->rows_between : 1;
    s->rows_since = 0;
    s->looked_at = now;
    if (now - s->handed_over_at < WAIT_MILLIS) return 0;
    s->handed_over_at = now;
    return mt_stage_flush(s, 0);
}

void mt_stage_start_clock(mt_stage *s)
{
    s->rows_since = s->rows_between = 0;
    s->looked_at = s->handed_over_at = s->hurries ? coarse_millis() : 0;
}

static int put_kind(mt_output *o, int kind)
{
    if (!o->with_kinds) {
        if (kind == 0) return 0;
        o->with_kinds = true;
        if (mt_buffer_reserve(&o->kind.data, o->rows) < 0) return -1;
        memset(o->kind.data.data, 0, o->rows);
        o->kind.data.length = o->kind.rows = o->rows;
    }
    int8_t byte = (int8_t)kind;
    return mt_put(&o->kind, &byte, 1);
}

static int put_time(mt_stage *s, mt_output *o)
{
    if (!s->row_has_time) return mt_write_null(&o->time);
    return mt_put(&o->time, &s->row_time, 8);
}

int mt_emit(mt_stage *s, mt_output *o, Py_ssize_t step, PyObject *value, PyObject *key)
{
    if (UNLIKELY(mt_write(&o->value, value) < 0)) goto misfit;
    if (o->key_type != NULL) {
        if (UNLIKELY(mt_write(&o->key, key) < 0)) {
            mt_inside(&o->key, "the key");
            goto misfit;
        }
    }
    if (s->with_time && put_time(s, o) < 0) return mt_stage_failed(s, "internal", -1, NULL);
    if (o->type->kind == MT_ROW && mt_is_row(value)) {
        int kind = mt_row_kind(value);
        if (kind < 0 || put_kind(o, kind) < 0) return mt_stage_failed(s, "output", step, value);
    }
    o->rows++;
    if (UNLIKELY(o->rows >= s->batch_rows ||
                 o->rows * o->row_width + o->encoding.bytes >= (1 << 20)))
        return flush(s, o, 0);
    return mt_stage_hurry(s);
misfit:
    mt_raise(&o->encoding, -1);
    return mt_stage_failed(s, "output", step, value);
}

/* Whether a result of a process function belongs to a side output: a tuple (OutputTag, value).
 * 1: it did, and is dealt with. */
int mt_emit_aside(mt_stage *s, Py_ssize_t step, PyObject *result)
{
    if (LIKELY(!PyTuple_CheckExact(result)) || PyTuple_GET_SIZE(result) != 2) return 0;
    PyObject *tag = PyTuple_GET_ITEM(result, 0);
    if (LIKELY(!PyObject_TypeCheck(tag, (PyTypeObject *)mt_lazy.output_tag))) return 0;
    if (s->side == NULL) return 1; /* nobody reads it */
    PyObject *name = PyObject_GetAttrString(tag, "tag_id");
    PyObject *index = name ? PyDict_GetItemWithError(s->side, name) : NULL;
    Py_XDECREF(name);
    if (index == NULL) return PyErr_Occurred() ? mt_stage_failed(s, "internal", step, result) : 1;
    mt_output *o = &s->outputs[PyLong_AsLong(index)];
    return mt_emit(s, o, step, PyTuple_GET_ITEM(result, 1), NULL) < 0 ? -1 : 1;
}
