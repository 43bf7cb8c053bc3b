/* The loop: each row goes through all steps before the next one starts. */
#include "native.h"

static inline PyObject *call(const mt_step *st, PyObject **args, size_t n)
{
    n |= PY_VECTORCALL_ARGUMENTS_OFFSET;
    if (UNLIKELY(st->vector == NULL)) return PyObject_Vectorcall(st->call, args, n, NULL);
    return st->vector(st->call, args, n, NULL);
}

static inline PyObject *call1(const mt_step *st, PyObject *v)
{
    PyObject *args[3] = {NULL, st->self, v};
    return st->self ? call(st, args + 1, 2) : call(st, args + 2, 1);
}

static inline PyObject *call2(const mt_step *st, PyObject *a, PyObject *b)
{
    PyObject *args[4] = {NULL, st->self, a, b};
    return st->self ? call(st, args + 1, 3) : call(st, args + 2, 2);
}

/* Notes where a row failed; the innermost place wins. Always -1. */
static int failed(mt_stage *s, const char *kind, Py_ssize_t step, PyObject *record)
{
    if (!PyErr_Occurred())
        PyErr_SetString(PyExc_SystemError, "a function failed without an exception");
    if (s->failure == NULL) {
        s->failure = kind;
        s->failure_step = step;
        s->failure_record = record ? mt_ref(record) : NULL;
    }
    return -1;
}

/* ---- output --------------------------------------------------------------------------------- */

int mt_stage_flush(mt_stage *s, int flags)
{
    if (s->out_rows == 0 && flags == 0) return 0;
    mt_writer *columns[4] = {&s->out_value};
    Py_ssize_t count = 1;
    if (s->output_key != NULL) columns[count++] = &s->out_key;
    if (s->with_time) {
        columns[count++] = &s->out_time;
        flags |= MT_FLAG_TIMESTAMPS;
    }
    if (s->with_kinds) {
        columns[count++] = &s->out_kind;
        flags |= MT_FLAG_KINDS;
    }
    size_t size = mt_layout_size(columns, count);
    if (size > MT_MAX_BODY) {
        PyErr_Format(PyExc_ValueError, "a batch of %zu bytes is larger than 1 GiB", size);
        return failed(s, "output", s->count - 1, NULL);
    }
    s->frame.length = 0;
    if (mt_buffer_reserve(&s->frame, 64 + size) < 0) return failed(s, "internal", -1, NULL);
    mt_layout_copy(columns, count, s->out_rows, s->frame.data + 64);
    s->rows_out += s->out_rows;
    s->out_rows = 0;
    s->with_kinds = false;
    s->encoding.bytes = 0;
    for (Py_ssize_t i = 0; i < count; i++) mt_writer_clear(columns[i]);
    if (s->sink(s, s->sink_context, s->frame.data + 64, size, flags) < 0)
        return failed(s, "internal", -1, NULL);
    return 0;
}

static int put_kind(mt_stage *s, int kind)
{
    if (!s->with_kinds) {
        if (kind == 0) return 0;
        s->with_kinds = true;
        if (mt_buffer_reserve(&s->out_kind.data, s->out_rows) < 0) return -1;
        memset(s->out_kind.data.data, 0, s->out_rows);
        s->out_kind.data.length = s->out_kind.rows = s->out_rows;
    }
    int8_t byte = (int8_t)kind;
    return mt_put(&s->out_kind, &byte, 1);
}

static int put_time(mt_stage *s)
{
    if (!s->row_has_time) return mt_write_null(&s->out_time);
    return mt_put(&s->out_time, &s->row_time, 8);
}

/* Steals nothing. `key` is NULL if the stage has no output key. */
static int emit(mt_stage *s, PyObject *value, PyObject *key)
{
    if (UNLIKELY(mt_write(&s->out_value, value) < 0)) goto misfit;
    if (s->output_key != NULL) {
        if (UNLIKELY(mt_write(&s->out_key, key) < 0)) {
            mt_inside(&s->out_key, "the key");
            goto misfit;
        }
    }
    if (s->with_time && put_time(s) < 0) return failed(s, "internal", -1, NULL);
    if (s->output->kind == MT_ROW && mt_is_row(value)) {
        int kind = mt_row_kind(value);
        if (kind < 0 || put_kind(s, kind) < 0) return failed(s, "output", s->count - 1, value);
    }
    s->out_rows++;
    if (UNLIKELY(s->out_rows >= s->batch_rows ||
                 s->out_rows * s->row_width + s->encoding.bytes >= (1 << 20)))
        return mt_stage_flush(s, 0);
    return 0;
misfit:
    mt_raise(&s->encoding, -1);
    return failed(s, "output", s->count - 1, value);
}

/* ---- steps ---------------------------------------------------------------------------------- */

static int run(mt_stage *s, Py_ssize_t i, PyObject *value, PyObject *key);

/* Runs what follows for each result of a flat_map. */
static int run_each(mt_stage *s, Py_ssize_t next, PyObject *results, PyObject *key, PyObject *value)
{
    if (results == Py_None) return 0;
    if (PyList_CheckExact(results) || PyTuple_CheckExact(results)) {
        for (Py_ssize_t j = 0; j < PySequence_Fast_GET_SIZE(results); j++)
            if (run(s, next, mt_ref(PySequence_Fast_GET_ITEM(results, j)), key) < 0) return -1;
        return 0;
    }
    PyObject *iterator = PyObject_GetIter(results);
    if (iterator == NULL) {
        if (PyErr_ExceptionMatches(PyExc_TypeError) && Py_TYPE(results)->tp_iter == NULL)
            PyErr_Format(PyExc_TypeError, "flat_map needs an iterable or None as its result, not %s",
                         Py_TYPE(results)->tp_name);
        return failed(s, "user", s->steps[next - 1].index, value);
    }
    iternextfunc step = Py_TYPE(iterator)->tp_iternext;
    PyObject *item;
    int out = 0;
    while (out == 0 && (item = step(iterator)) != NULL) out = run(s, next, item, key);
    Py_DECREF(iterator);
    if (out < 0 || !PyErr_Occurred()) return out;
    if (PyErr_ExceptionMatches(PyExc_StopIteration)) {
        PyErr_Clear();
        return 0;
    }
    return failed(s, "user", s->steps[next - 1].index, value);
}

/* The value as a column of the type would give it back, as behind an exchange; steals it. */
static PyObject *coerced(mt_stage *s, mt_step *st, mt_type *type, PyObject *value)
{
    PyObject *before = mt_ref(value);
    value = mt_coerce(type, value, &s->encoding);
    if (value == NULL) failed(s, "output", st->index, before);
    Py_DECREF(before);
    return value;
}

/* The key of the row at step `st`: a new reference, of the declared type. */
static PyObject *select_key(mt_stage *s, mt_step *st, PyObject **value)
{
    PyObject *key = call1(st, *value);
    if (key == NULL) {
        failed(s, "user", st->index, *value);
        return NULL;
    }
    if (st->key_type != NULL && (key = mt_coerce(st->key_type, key, &s->encoding)) == NULL) {
        failed(s, "output", st->index, *value);
        return NULL;
    }
    if (st->value_type != NULL && (*value = coerced(s, st, st->value_type, *value)) == NULL)
        Py_CLEAR(key);
    return key;
}

/* Keeps a row until the end of the input. */
static int hold(mt_stage *s, mt_step *st, PyObject *key, PyObject *value)
{
    mt_entry *e = mt_keyed_entry(st->keyed, key);
    if (e == NULL || (e->value == NULL && (e->value = PyList_New(0)) == NULL)) return -1;
    PyObject *time = PyLong_FromLongLong(s->row_has_time ? s->row_time : INT64_MIN);
    PyObject *pair = time ? PyTuple_Pack(2, time, value) : NULL;
    int out = pair ? PyList_Append(e->value, pair) : -1;
    Py_XDECREF(time);
    Py_XDECREF(pair);
    return out;
}

/* One row from step `i` on. Steals `value`, borrows `key` (NULL: none yet). */
static int run(mt_stage *s, Py_ssize_t i, PyObject *value, PyObject *key)
{
    PyObject *own_key = NULL, *r;
    int out = -1;
    for (; i < s->count; i++) {
        mt_step *st = &s->steps[i];
        switch (st->kind) {
        case MT_STEP_MAP:
            if (UNLIKELY((r = call1(st, value)) == NULL)) goto user_error;
            Py_DECREF(value);
            value = r;
            break;
        case MT_STEP_FILTER: {
            if (UNLIKELY((r = call1(st, value)) == NULL)) goto user_error;
            int keep = r == Py_True ? 1 : r == Py_False ? 0 : PyObject_IsTrue(r);
            Py_DECREF(r);
            if (UNLIKELY(keep < 0)) goto user_error;
            if (!keep) goto drop;
            break;
        }
        case MT_STEP_FLAT_MAP:
            if (UNLIKELY((r = call1(st, value)) == NULL)) goto user_error;
            out = run_each(s, i + 1, r, key, value);
            Py_DECREF(r);
            goto done;
        case MT_STEP_KEY_BY:
            if (UNLIKELY((r = select_key(s, st, &value)) == NULL)) goto done;
            Py_XSETREF(own_key, r);
            key = own_key;
            if (!st->sorts) break;
            /* fall through */
        case MT_STEP_KEYED_INPUT:
            if (hold(s, st, key, value) < 0) goto user_error;
            goto drop;
        case MT_STEP_REDUCE: {
            mt_entry *e = mt_keyed_entry(st->keyed, key);
            if (UNLIKELY(e == NULL)) goto user_error;
            if (e->value == NULL) {
                e->value = mt_ref(value);
            } else {
                if (UNLIKELY((r = call2(st, e->value, value)) == NULL)) goto user_error;
                Py_SETREF(e->value, r);
                Py_DECREF(value);
                value = mt_ref(r);
            }
            e->dirty = true;
            if (s->batch) goto drop;
            break;
        }
        case MT_STEP_PARTITION:
            if (UNLIKELY((r = call1(st, value)) == NULL)) goto user_error;
            Py_XSETREF(own_key, r);
            key = own_key;
            break;
        case MT_STEP_EXCHANGE:
            if (UNLIKELY((value = coerced(s, st, st->value_type, value)) == NULL)) goto done;
            break;
        }
        continue;
    user_error:
        failed(s, "user", st->index, value);
        goto done;
    }
    out = emit(s, value, key);
    goto done;
drop:
    out = 0;
done:
    Py_XDECREF(value);
    Py_XDECREF(own_key);
    return out;
}

/* ---- frames --------------------------------------------------------------------------------- */

static void start(mt_stage *s)
{
    if (s->failure != NULL) { /* rows that were half written */
        mt_writer *columns[] = {&s->out_value, &s->out_key, &s->out_time, &s->out_kind};
        for (int i = 0; i < 4; i++) mt_writer_clear(columns[i]);
        s->out_rows = 0;
        s->with_kinds = false;
        s->encoding.bytes = 0;
    }
    s->failure = NULL;
    s->failure_step = -1;
    Py_CLEAR(s->failure_record);
    s->row_has_time = false;
}

static int bind(mt_stage *s, mt_body *b, int flags)
{
    if (mt_reader_bind(&s->in_value, b, b->rows) < 0) return -1;
    if (s->input_key != NULL && mt_reader_bind(&s->in_key, b, b->rows) < 0) return -1;
    if (flags & MT_FLAG_TIMESTAMPS && mt_reader_bind(&s->in_time, b, b->rows) < 0) return -1;
    if (flags & MT_FLAG_KINDS && mt_reader_bind(&s->in_kind, b, b->rows) < 0) return -1;
    return mt_body_close(b);
}

static int apply_kind(mt_stage *s, uint32_t i, PyObject *value)
{
    uint8_t kind = s->in_kind.data[i];
    if (kind > 3) {
        PyErr_Format(mt_DecodeError, "row %u: there is no row kind %d", i, (int)kind);
        return -1;
    }
    return kind != 0 && mt_is_row(value) ? mt_row_set_kind(value, kind) : 0;
}

int mt_stage_process(mt_stage *s, const uint8_t *data, size_t length, int flags)
{
    mt_body b;
    start(s);
    s->with_time = flags & MT_FLAG_TIMESTAMPS;
    s->time_known |= s->with_time;
    if (mt_body_open(&b, data, length) < 0 || bind(s, &b, flags) < 0)
        return failed(s, "input", 0, NULL);
    s->rows_in += b.rows;
    for (uint32_t i = 0; i < b.rows; i++) {
        PyObject *value = s->in_value.read(&s->in_value, i), *key = NULL;
        if (UNLIKELY(value == NULL)) return failed(s, "input", 0, NULL);
        if (flags & MT_FLAG_KINDS && apply_kind(s, i, value) < 0) {
            Py_DECREF(value);
            return failed(s, "input", 0, NULL);
        }
        if (s->with_time && (s->row_has_time = mt_valid(&s->in_time, i)))
            memcpy(&s->row_time, s->in_time.data + (size_t)i * 8, 8);
        if (s->input_key != NULL && (key = s->in_key.read(&s->in_key, i)) == NULL) {
            Py_DECREF(value);
            return failed(s, "input", 0, NULL);
        }
        int out = run(s, 0, value, key);
        Py_XDECREF(key);
        if (UNLIKELY(out < 0)) return -1;
    }
    return mt_stage_flush(s, MT_FLAG_LAST);
}

/* ---- the end ---------------------------------------------------------------------------------- */

/* Rows that a sorting step held: by time within a key, else in the order of arrival. */
static int release(mt_stage *s, Py_ssize_t i, PyObject *key, mt_entry *e)
{
    PyObject *rows = e->value;
    e->value = NULL;
    int out = 0;
    for (Py_ssize_t j = 0; out == 0 && j < PyList_GET_SIZE(rows); j++) {
        PyObject *pair = PyList_GET_ITEM(rows, j);
        s->row_time = PyLong_AsLongLong(PyTuple_GET_ITEM(pair, 0));
        s->row_has_time = s->row_time != INT64_MIN;
        out = run(s, i + 1, mt_ref(PyTuple_GET_ITEM(pair, 1)), key);
    }
    Py_DECREF(rows);
    return out;
}

static int sort_by_time(PyObject *rows)
{
    int64_t previous = INT64_MIN;
    Py_ssize_t i = 0;
    for (; i < PyList_GET_SIZE(rows); i++) {
        int64_t time = PyLong_AsLongLong(PyTuple_GET_ITEM(PyList_GET_ITEM(rows, i), 0));
        if (time < previous) break;
        previous = time;
    }
    if (i == PyList_GET_SIZE(rows)) return 0;
    PyObject *operator= PyImport_ImportModule("operator");
    PyObject *first = operator? PyObject_CallMethod(operator, "itemgetter", "i", 0) : NULL;
    PyObject *args = first ? PyTuple_New(0) : NULL, *kwargs = args ? PyDict_New() : NULL;
    PyObject *sort = kwargs ? PyObject_GetAttrString(rows, "sort") : NULL, *done = NULL;
    if (sort != NULL && PyDict_SetItemString(kwargs, "key", first) == 0)
        done = PyObject_Call(sort, args, kwargs);
    Py_XDECREF(operator);
    Py_XDECREF(first);
    Py_XDECREF(args);
    Py_XDECREF(kwargs);
    Py_XDECREF(sort);
    Py_XDECREF(done);
    return done ? 0 : -1;
}

int mt_stage_finish(mt_stage *s)
{
    start(s);
    s->with_time = s->time_known;
    for (Py_ssize_t i = 0; i < s->count; i++) {
        mt_step *st = &s->steps[i];
        if (!s->batch || st->keyed == NULL) continue;
        PyObject *entries = mt_keyed_sorted(st->keyed, st->key_type);
        if (entries == NULL) return failed(s, "internal", st->index, NULL);
        for (Py_ssize_t j = 0; j < PyList_GET_SIZE(entries); j++) {
            PyObject *pair = PyList_GET_ITEM(entries, j), *key = PyTuple_GET_ITEM(pair, 0);
            mt_entry *e = (mt_entry *)PyTuple_GET_ITEM(pair, 1);
            int out;
            if (e->value == NULL) continue; /* a failure came in between, or all is said */
            if (st->kind == MT_STEP_REDUCE) {
                /* Flink emits it from a timer at the end of time. */
                s->row_has_time = s->with_time;
                s->row_time = INT64_MAX;
                out = run(s, i + 1, mt_ref(e->value), key);
            } else {
                out = sort_by_time(e->value) < 0 ? failed(s, "internal", st->index, NULL)
                                                 : release(s, i, key, e);
            }
            if (out < 0) {
                Py_DECREF(entries);
                return -1;
            }
        }
        Py_DECREF(entries);
    }
    return mt_stage_flush(s, 0);
}
