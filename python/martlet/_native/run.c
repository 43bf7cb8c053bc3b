/* The loop: each row goes through all steps before the next one starts. */
#include "async.h"

/* Notes where a row failed; the innermost place wins. Always -1. */
int mt_stage_failed(mt_stage *s, const char *kind, Py_ssize_t step, PyObject *record)
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

#define failed mt_stage_failed

/* ---- steps ---------------------------------------------------------------------------------- */

static int run(mt_stage *s, Py_ssize_t i, PyObject *value, PyObject *key);

static const char *name_of(const mt_step *st)
{
    return st->kind == MT_STEP_FLAT_MAP || st->kind == MT_STEP_CO_FLAT_MAP ? "flat_map"
                                                                           : "a process function";
}

/* One result of a step with many; steals it. */
static inline int run_one(mt_stage *s, mt_step *st, Py_ssize_t next, PyObject *result, PyObject *key)
{
    if (st->contexts[0] != NULL) {
        int aside = mt_emit_aside(s, st->index, result);
        if (UNLIKELY(aside != 0)) {
            Py_DECREF(result);
            return aside < 0 ? -1 : 0;
        }
    }
    return run(s, next, result, key);
}

/* Runs what follows for each result of a flat_map or a process function. */
static int run_each(mt_stage *s, Py_ssize_t next, PyObject *results, PyObject *key, PyObject *value)
{
    mt_step *st = &s->steps[next - 1];
    if (results == Py_None) return 0;
    if (PyList_CheckExact(results) || PyTuple_CheckExact(results)) {
        for (Py_ssize_t j = 0; j < PySequence_Fast_GET_SIZE(results); j++)
            if (run_one(s, st, next, mt_ref(PySequence_Fast_GET_ITEM(results, j)), key) < 0)
                return -1;
        return 0;
    }
    PyObject *iterator = PyObject_GetIter(results);
    if (iterator == NULL) {
        if (PyErr_ExceptionMatches(PyExc_TypeError) && Py_TYPE(results)->tp_iter == NULL)
            PyErr_Format(PyExc_TypeError, "%s needs an iterable or None as its result, not %s",
                         name_of(st), Py_TYPE(results)->tp_name);
        return failed(s, "user", st->index, value);
    }
    iternextfunc step = Py_TYPE(iterator)->tp_iternext;
    PyObject *item;
    int out = 0;
    while (out == 0 && (item = step(iterator)) != NULL) out = run_one(s, st, next, item, key);
    Py_DECREF(iterator);
    if (out < 0 || !PyErr_Occurred()) return out;
    if (PyErr_ExceptionMatches(PyExc_StopIteration)) {
        PyErr_Clear();
        return 0;
    }
    return failed(s, "user", st->index, value);
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
    PyObject *key = mt_call1(&st->f, *value);
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
    mt_record *e = mt_store_record(st->store, key);
    if (e == NULL || (e->slots[0].value == NULL && (e->slots[0].value = PyList_New(0)) == NULL))
        return -1;
    PyObject *time = PyLong_FromLongLong(s->row_has_time ? s->row_time : INT64_MIN);
    PyObject *pair = time ? PyTuple_Pack(2, time, value) : NULL;
    int out = pair ? PyList_Append(e->slots[0].value, pair) : -1;
    Py_XDECREF(time);
    Py_XDECREF(pair);
    return out;
}

/* Gives the row a timestamp for what follows; the results of a flat_map before this each start from
 * the old one. Steals `value`. */
static int run_later(mt_stage *s, Py_ssize_t i, PyObject *value, PyObject *key)
{
    mt_step *st = &s->steps[i];
    int64_t old = s->row_time;
    bool had = s->row_has_time;
    /* Flink's TimestampAssigner.NO_TIMESTAMP */
    PyObject *before = PyLong_FromLongLong(had ? old : INT64_MIN);
    PyObject *r = before ? mt_call2(&st->f, value, before) : NULL;
    Py_XDECREF(before);
    long long time = r && PyLong_Check(r) ? PyLong_AsLongLong(r) : 0;
    if (r != NULL && !PyLong_Check(r))
        PyErr_Format(PyExc_TypeError, "a timestamp is an int of milliseconds, not %s %R",
                     Py_TYPE(r)->tp_name, r);
    Py_XDECREF(r);
    if (PyErr_Occurred()) {
        failed(s, "user", st->index, value);
        Py_DECREF(value);
        return -1;
    }
    s->row_time = time;
    s->row_has_time = true;
    int out = run(s, i + 1, value, key);
    s->row_time = old;
    s->row_has_time = had;
    return out;
}

/* Keeps a row until the state of all keys of the frame is there. */
static int await_state(mt_stage *s, mt_step *st, PyObject *value, PyObject *key)
{
    PyObject *time = s->row_has_time ? PyLong_FromLongLong(s->row_time) : mt_ref(Py_None);
    PyObject *row = time ? PyTuple_Pack(3, value, key, time) : NULL;
    int out = -1;
    if (row != NULL && (st->held != NULL || (st->held = PyList_New(0)) != NULL))
        out = PyList_Append(st->held, row);
    Py_XDECREF(time);
    Py_XDECREF(row);
    return out < 0 ? failed(s, "internal", st->index, value) : 0;
}

static int prefetch(mt_stage *s, mt_step *st, PyObject *keys)
{
    if (st->store->complete || st->store->prefetch == NULL) return 0;
    PyObject *done = PyObject_CallOneArg(st->store->prefetch, keys);
    Py_XDECREF(done);
    return done ? 0 : failed(s, "internal", st->index, NULL);
}

/* The rows that wait at a step go on, once what they need is there. */
static int release_held(mt_stage *s, Py_ssize_t i)
{
    mt_step *st = &s->steps[i];
    PyObject *held = st->held, *keys = PyList_New(PyList_GET_SIZE(held));
    st->held = NULL;
    int out = keys ? 0 : -1;
    for (Py_ssize_t j = 0; keys && j < PyList_GET_SIZE(held); j++)
        PyList_SET_ITEM(keys, j, mt_ref(PyTuple_GET_ITEM(PyList_GET_ITEM(held, j), 1)));
    if (out == 0) out = prefetch(s, st, keys);
    if (out == 0 && st->window != NULL && mt_window_prefetch(st, held) < 0)
        out = failed(s, "internal", st->index, NULL);
    st->released = true;
    for (Py_ssize_t j = 0; out == 0 && j < PyList_GET_SIZE(held); j++) {
        PyObject *row = PyList_GET_ITEM(held, j), *time = PyTuple_GET_ITEM(row, 2);
        s->row_has_time = time != Py_None;
        if (s->row_has_time) s->row_time = PyLong_AsLongLong(time);
        out = run(s, i, mt_ref(PyTuple_GET_ITEM(row, 0)), PyTuple_GET_ITEM(row, 1));
    }
    st->released = false;
    Py_XDECREF(keys);
    Py_DECREF(held);
    return out;
}

/* One row from step `i` on. Steals `value`, borrows `key` (NULL: none yet). */
static int run(mt_stage *s, Py_ssize_t i, PyObject *value, PyObject *key)
{
    PyObject *own_key = NULL, *r;
    int out = -1;
    for (; i < s->count; i++) {
        mt_step *st = &s->steps[i];
        if (st->store != NULL && key != NULL && !st->sorts) {
            if (UNLIKELY(!st->store->complete) && !st->released && st->store->prefetch != NULL) {
                out = await_state(s, st, value, key);
                goto done;
            }
            if (UNLIKELY(mt_store_enter(st->store, key) < 0)) goto user_error;
        }
        switch (st->kind) {
        case MT_STEP_CO_MAP: case MT_STEP_MAP:
            r = mt_call1(LIKELY(s->input == 0) || st->kind == MT_STEP_MAP ? &st->f : &st->second, value);
            if (UNLIKELY(r == NULL)) goto user_error;
            Py_DECREF(value);
            value = r;
            /* As in Flink, a CoMapFunction drops a row by returning None. */
            if (st->kind == MT_STEP_CO_MAP && UNLIKELY(value == Py_None)) goto drop;
            break;
        case MT_STEP_TIMESTAMP:
            out = run_later(s, i, value, key);
            value = NULL;
            goto done;
        case MT_STEP_FILTER: {
            if (UNLIKELY((r = mt_call1(&st->f, value)) == NULL)) goto user_error;
            int keep = r == Py_True ? 1 : r == Py_False ? 0 : PyObject_IsTrue(r);
            Py_DECREF(r);
            if (UNLIKELY(keep < 0)) goto user_error;
            if (!keep) goto drop;
            break;
        }
        case MT_STEP_CO_FLAT_MAP:
        case MT_STEP_FLAT_MAP:
            r = mt_call1(st->kind == MT_STEP_FLAT_MAP || s->input == 0 ? &st->f : &st->second, value);
            if (UNLIKELY(r == NULL)) goto user_error;
            out = run_each(s, i + 1, r, key, value);
            Py_DECREF(r);
            goto done;
        case MT_STEP_WINDOW: {
            int added = mt_window_add(s, st, value, key);
            if (UNLIKELY(added < 0)) goto user_error;
            if (LIKELY(added)) goto drop;
        } /* fall through */
        case MT_STEP_PROCESS: {
            int64_t time = s->row_time; /* which a window function may change for its results */
            if (UNLIKELY((r = mt_call2(&st->f, value, st->contexts[0])) == NULL)) goto user_error;
            out = run_each(s, i + 1, r, key, value);
            Py_DECREF(r);
            s->row_time = time;
            goto done;
        }
        case MT_STEP_CO_PROCESS:
            r = s->input == 0 ? mt_call2(&st->f, value, st->contexts[0])
                              : mt_call2(&st->second, value, st->contexts[1]);
            if (UNLIKELY(r == NULL)) goto user_error;
            out = run_each(s, i + 1, r, key, value);
            Py_DECREF(r);
            goto done;
        case MT_STEP_ASYNC:
            if (UNLIKELY(mt_async_submit(s, value) < 0)) goto done;
            goto drop;
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
            mt_slot *slot = &st->store->current->slots[0];
            if (UNLIKELY(slot->value == NULL) && mt_slot_load(st->store, 0) < 0) goto user_error;
            slot = &st->store->current->slots[0];
            if (slot->value == NULL) {
                slot->value = mt_ref(value);
                st->store->bytes += mt_size_of(value, 0);
            } else {
                if (UNLIKELY((r = mt_call2(&st->f, slot->value, value)) == NULL)) goto user_error;
                Py_SETREF(slot->value, r);
                Py_DECREF(value);
                value = mt_ref(r);
            }
            mt_store_mark(st->store, 0);
            if (s->batch) goto drop;
            break;
        }
        case MT_STEP_PARTITION:
            if (UNLIKELY((r = mt_call1(&st->f, value)) == NULL)) goto user_error;
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
    out = mt_emit(s, &s->outputs[0], s->count - 1, value, key);
    goto done;
drop:
    out = 0;
done:
    Py_XDECREF(value);
    Py_XDECREF(own_key);
    return out;
}

/* ---- frames --------------------------------------------------------------------------------- */

void mt_stage_start(mt_stage *s)
{
    if (s->failure != NULL) /* rows that were half written */
        for (int i = 0; i < s->output_count; i++) mt_output_clear(&s->outputs[i]);
    s->failure = NULL;
    s->failure_step = -1;
    Py_CLEAR(s->failure_record);
    for (Py_ssize_t i = 0; i < s->count; i++) Py_CLEAR(s->steps[i].held);
    s->row_has_time = false;
    s->input = 0;
    mt_stage_start_clock(s);
}

/* No key is at work between frames. */
static int leave(mt_stage *s, int out)
{
    for (Py_ssize_t i = 0; i < s->count; i++)
        if (s->steps[i].store != NULL) {
            mt_store_leave(s->steps[i].store);
            if (s->steps[i].windows != NULL) mt_store_leave(s->steps[i].windows);
        }
    return out;
}

static int bind(mt_stage *s, mt_input *in, mt_body *b, int flags)
{
    if (mt_reader_bind(&in->value, b, b->rows) < 0) return -1;
    if (in->key_type != NULL && mt_reader_bind(&in->key, b, b->rows) < 0) return -1;
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

/* Results of several frames share the columns, so once there are timestamps there always are. */
static int keep_time(mt_stage *s, bool with_time)
{
    if (s->with_time || !with_time) return 0;
    if (mt_stage_flush(s, 0) < 0) return -1;
    s->with_time = true;
    return 0;
}

/* The rows that wait for state go on. */
static int release_all(mt_stage *s)
{
    for (Py_ssize_t i = 0; i < s->count; i++)
        if (UNLIKELY(s->steps[i].held != NULL) && release_held(s, i) < 0) return -1;
    return 0;
}

static int process(mt_stage *s, const uint8_t *data, size_t length, int flags)
{
    mt_body b;
    mt_input *in = &s->inputs[flags & MT_FLAG_SECOND ? 1 : 0];
    mt_stage_start(s);
    s->input = flags & MT_FLAG_SECOND ? 1 : 0;
    bool timed = flags & MT_FLAG_TIMESTAMPS;
    if (LIKELY(s->async == NULL))
        s->with_time = timed || s->sets_time;
    else if (keep_time(s, timed || s->sets_time) < 0)
        return -1;
    s->time_known |= s->with_time;
    if (in->type == NULL) {
        PyErr_SetString(mt_DecodeError, "rows of a second input, which this stage does not have");
        return failed(s, "input", 0, NULL);
    }
    if (mt_body_open(&b, data, length) < 0 || bind(s, in, &b, flags) < 0)
        return failed(s, "input", 0, NULL);
    s->rows_in += b.rows;
    for (uint32_t i = 0; i < b.rows; i++) {
        PyObject *value = in->value.read(&in->value, i), *key = NULL;
        if (UNLIKELY(value == NULL)) return failed(s, "input", 0, NULL);
        if (flags & MT_FLAG_KINDS && apply_kind(s, i, value) < 0) {
            Py_DECREF(value);
            return failed(s, "input", 0, NULL);
        }
        if (timed && (s->row_has_time = mt_valid(&s->in_time, i)))
            memcpy(&s->row_time, s->in_time.data + (size_t)i * 8, 8);
        if (in->key_type != NULL && (key = in->key.read(&in->key, i)) == NULL) {
            Py_DECREF(value);
            return failed(s, "input", 0, NULL);
        }
        int out = run(s, 0, value, key);
        Py_XDECREF(key);
        if (UNLIKELY(out < 0) || UNLIKELY(mt_stage_hurry(s) < 0)) return -1;
    }
    return release_all(s);
}

int mt_stage_rows(mt_stage *s, const uint8_t *data, size_t length, int flags)
{
    return leave(s, process(s, data, length, flags));
}

int mt_stage_process(mt_stage *s, const uint8_t *data, size_t length, int flags)
{
    if (UNLIKELY(s->async != NULL)) return mt_async_process(s, data, length, flags);
    return leave(s, process(s, data, length, flags) < 0 ? -1 : mt_stage_flush(s, MT_FLAG_LAST));
}

int mt_stage_settle(mt_stage *s) { return leave(s, release_all(s)); }

int mt_stage_run_results(mt_stage *s, Py_ssize_t step, PyObject *results, PyObject *value)
{
    return run_each(s, step + 1, results, NULL, value);
}

int mt_stage_run_row(mt_stage *s, Py_ssize_t i, PyObject *value, PyObject *key)
{
    return run(s, i, value, key);
}

int mt_stage_run_each(mt_stage *s, Py_ssize_t i, PyObject *results, PyObject *key)
{
    return run_each(s, i, results, key, NULL);
}

/* ---- timers ----------------------------------------------------------------------------------- */

int mt_stage_run_timer(mt_stage *s, Py_ssize_t i, PyObject *key, int64_t time)
{
    mt_step *st = &s->steps[i];
    if (mt_window_slides(st)) return mt_sliding_fire(s, i, key);
    if (st->on_timer.call == NULL) return 0;
    if (st->windows != NULL) { /* (key, start, end) */
        if (mt_store_enter(st->windows, key) < 0) return failed(s, "internal", st->index, key);
        key = PyTuple_GET_ITEM(key, 0);
    }
    if (mt_store_enter(st->store, key) < 0) return failed(s, "internal", st->index, key);
    PyObject *when = PyLong_FromLongLong(time);
    PyObject *r = when ? mt_call2(&st->on_timer, when, st->contexts[2]) : NULL;
    Py_XDECREF(when);
    if (r == NULL) return failed(s, "user", st->index, NULL);
    int out = run_each(s, i + 1, r, key, NULL);
    Py_DECREF(r);
    return out;
}

mt_type *mt_stage_key_type(mt_stage *s, Py_ssize_t step)
{
    for (Py_ssize_t i = 0; i < s->count; i++)
        if (s->steps[i].index == step && s->steps[i].timers != NULL)
            return s->steps[i].timer_type ? s->steps[i].timer_type : s->steps[i].key_type;
    PyErr_Format(mt_DecodeError, "step %zd has no timers", step);
    return NULL;
}

/* Asks for the state of keys whose timers are due. */
static int prefetch_due(mt_stage *s, mt_step *st, PyObject *keys)
{
    if (st->windows == NULL) return prefetch(s, st, keys);
    if (st->store->complete && st->windows->complete) return 0;
    PyObject *own = PyList_New(PyList_GET_SIZE(keys));
    for (Py_ssize_t i = 0; own && i < PyList_GET_SIZE(keys); i++)
        PyList_SET_ITEM(own, i, mt_ref(PyTuple_GET_ITEM(PyList_GET_ITEM(keys, i), 0)));
    int out = own ? prefetch(s, st, own) : failed(s, "internal", st->index, NULL);
    Py_XDECREF(own);
    if (out == 0 && mt_window_prefetch_due(st, keys) < 0)
        out = failed(s, "internal", st->index, NULL);
    return out;
}

void mt_stage_advance(mt_stage *s, Py_ssize_t last, int64_t watermark)
{
    for (Py_ssize_t i = 0; i <= last; i++) s->steps[i].watermark = watermark;
    if (last == s->count - 1) s->watermark = watermark;
}

int mt_stage_fire(mt_stage *s, Py_ssize_t step, PyObject *keys, PyObject *times, int64_t watermark,
                  int64_t bound, bool processing)
{
    mt_stage_start(s);
    for (Py_ssize_t i = 0; i < s->count; i++) {
        mt_step *st = &s->steps[i];
        if (st->index != step || st->timers == NULL) continue;
        if (!processing) mt_stage_advance(s, i, watermark);
        /* As in Flink: results of an event-time timer and of windows have its time, others none. */
        s->with_time = !processing || st->windows != NULL;
        s->time_known |= s->with_time;
        int out = prefetch_due(s, st, keys);
        if (out == 0) out = mt_timers_fire(s, i, keys, times, bound, processing);
        for (Py_ssize_t j = i + 1; out == 0 && j < s->count; j++)
            if (s->steps[j].held != NULL) out = release_held(s, j);
        return leave(s, out < 0 ? -1 : mt_stage_flush(s, MT_FLAG_LAST));
    }
    PyErr_Format(mt_DecodeError, "step %zd has no timers", step);
    return failed(s, "internal", -1, NULL);
}

/* ---- the end ---------------------------------------------------------------------------------- */

/* Rows that a sorting step held: by time within a key, else in the order of arrival. All timers of
 * the key fire after them, as if the watermark came then. */
static int release(mt_stage *s, Py_ssize_t i, PyObject *key, mt_record *e)
{
    PyObject *rows = e->slots[0].value;
    e->slots[0].value = NULL;
    int out = 0;
    for (Py_ssize_t j = 0; out == 0 && j < PyList_GET_SIZE(rows); j++) {
        PyObject *pair = PyList_GET_ITEM(rows, j);
        s->row_time = PyLong_AsLongLong(PyTuple_GET_ITEM(pair, 0));
        s->row_has_time = s->row_time != INT64_MIN;
        out = run(s, i + 1, mt_ref(PyTuple_GET_ITEM(pair, 1)), key);
    }
    Py_DECREF(rows);
    if (out == 0 && i + 1 < s->count && s->steps[i + 1].timers != NULL)
        out = mt_timers_drain(s, i + 1, key);
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

static int finish(mt_stage *s)
{
    mt_stage_start(s);
    s->with_time = s->time_known || s->sets_time;
    /* As in Flink, the watermark comes to each key anew, after its last row. */
    mt_stage_advance(s, s->count - 1, INT64_MIN);
    for (Py_ssize_t i = 0; i < s->count; i++) {
        mt_step *st = &s->steps[i];
        if (!s->batch || st->store == NULL || !(st->sorts || st->kind == MT_STEP_REDUCE)) continue;
        PyObject *entries = mt_store_sorted(st->store, st->key_type);
        if (entries == NULL) return failed(s, "internal", st->index, NULL);
        for (Py_ssize_t j = 0; j < PyList_GET_SIZE(entries); j++) {
            PyObject *pair = PyList_GET_ITEM(entries, j), *key = PyTuple_GET_ITEM(pair, 0);
            mt_record *e = (mt_record *)PyTuple_GET_ITEM(pair, 1);
            int out;
            if (e->slots[0].value == NULL) continue; /* a failure came in between, or all is said */
            if (st->kind == MT_STEP_REDUCE) {
                /* Flink emits it from a timer at the end of time. */
                s->row_has_time = s->with_time;
                s->row_time = INT64_MAX;
                out = run(s, i + 1, mt_ref(e->slots[0].value), key);
            } else {
                out = sort_by_time(e->slots[0].value) < 0 ? failed(s, "internal", st->index, NULL)
                                                          : release(s, i, key, e);
            }
            if (out < 0) {
                Py_DECREF(entries);
                return -1;
            }
        }
        Py_DECREF(entries);
    }
    return 0;
}

int mt_stage_finish(mt_stage *s)
{
    return leave(s, finish(s) < 0 ? -1 : mt_stage_flush(s, 0));
}
