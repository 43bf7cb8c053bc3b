/* The making of a stage, and its face towards Python. The loop is in run.c. */
#include "async.h"

static const struct {
    const char *name;
    mt_step_kind kind;
} kinds[] = {
    {"map", MT_STEP_MAP}, {"filter", MT_STEP_FILTER}, {"flat_map", MT_STEP_FLAT_MAP},
    {"key_by", MT_STEP_KEY_BY}, {"reduce", MT_STEP_REDUCE}, {"partition", MT_STEP_PARTITION},
    {"exchange", MT_STEP_EXCHANGE}, {"process", MT_STEP_PROCESS}, {"co_map", MT_STEP_CO_MAP},
    {"window", MT_STEP_WINDOW}, {"timestamp", MT_STEP_TIMESTAMP},
    {"co_flat_map", MT_STEP_CO_FLAT_MAP}, {"co_process", MT_STEP_CO_PROCESS},
    {"async", MT_STEP_ASYNC},
};

void mt_call_clear(mt_call *f)
{
    Py_CLEAR(f->call);
    Py_CLEAR(f->self);
}

static void step_clear(mt_step *st)
{
    mt_call_clear(&st->f);
    mt_call_clear(&st->second);
    mt_call_clear(&st->on_timer);
    Py_CLEAR(st->value_type);
    Py_CLEAR(st->key_type);
    Py_CLEAR(st->store);
    Py_CLEAR(st->windows);
    Py_CLEAR(st->timer_type);
    Py_CLEAR(st->held);
    for (int i = 0; i < 3; i++) {
        if (st->contexts[i] != NULL) mt_context_bind(st->contexts[i], NULL, 0);
        Py_CLEAR(st->contexts[i]);
    }
    mt_timers_free(st->timers);
    st->timers = NULL;
    mt_window_free(st->window);
    st->window = NULL;
}

static void stage_dealloc(mt_stage *s)
{
    for (Py_ssize_t i = 0; i < s->count; i++) step_clear(&s->steps[i]);
    mt_async_free(s->async);
    PyMem_Free(s->steps);
    for (int i = 0; i < s->output_count; i++) mt_output_free(&s->outputs[i]);
    PyMem_Free(s->outputs);
    for (int i = 0; i < 2; i++) {
        mt_reader_free(&s->inputs[i].value);
        mt_reader_free(&s->inputs[i].key);
        Py_XDECREF(s->inputs[i].type);
        Py_XDECREF(s->inputs[i].key_type);
    }
    mt_reader_free(&s->in_time);
    mt_reader_free(&s->in_kind);
    PyMem_RawFree(s->frame.data);
    mt_encoding_clear(&s->encoding);
    Py_XDECREF(s->side);
    Py_XDECREF(s->failure_record);
    Py_TYPE(s)->tp_free((PyObject *)s);
}

/* A bound method is called as its function with the object in front: one object less per row. */
int mt_call_set(mt_call *f, PyObject *function, const char *kind)
{
    if (!PyCallable_Check(function)) {
        PyErr_Format(PyExc_TypeError, "the function of a %s must be callable, not %s", kind,
                     Py_TYPE(function)->tp_name);
        return -1;
    }
    if (PyMethod_Check(function)) {
        f->call = mt_ref(PyMethod_GET_FUNCTION(function));
        f->self = mt_ref(PyMethod_GET_SELF(function));
    } else {
        f->call = mt_ref(function);
    }
    f->vector = PyVectorcall_Function(f->call);
    return 0;
}

static int optional_type(PyObject *text, mt_type **out)
{
    *out = NULL;
    if (text == NULL || text == Py_None) return 0;
    return (*out = mt_type_from(text)) && mt_need(*out) == 0 ? 0 : -1;
}

static bool has_two_inputs(mt_step_kind kind)
{
    return kind == MT_STEP_CO_MAP || kind == MT_STEP_CO_FLAT_MAP || kind == MT_STEP_CO_PROCESS;
}

static int parse_functions(PyObject *given, mt_step *st, const char *kind)
{
    if (!has_two_inputs(st->kind)) return mt_call_set(&st->f, given, kind);
    if (!PyTuple_Check(given) || PyTuple_GET_SIZE(given) != 2) {
        PyErr_Format(PyExc_TypeError, "a %s has a tuple of two functions", kind);
        return -1;
    }
    if (mt_call_set(&st->f, PyTuple_GET_ITEM(given, 0), kind) < 0) return -1;
    return mt_call_set(&st->second, PyTuple_GET_ITEM(given, 1), kind);
}

/* The contexts of a process function, for either input and for timers. */
static int parse_contexts(mt_stage *s, PyObject *given, mt_step *st, const char *kind)
{
    bool wanted = st->kind == MT_STEP_PROCESS || st->kind == MT_STEP_CO_PROCESS ||
                  st->kind == MT_STEP_WINDOW;
    if (given == Py_None && !wanted) return 0;
    if (!wanted || !PyTuple_Check(given) || PyTuple_GET_SIZE(given) != 3) {
        PyErr_Format(PyExc_TypeError, "a %s has %s", kind,
                     wanted ? "a tuple of three contexts" : "no contexts");
        return -1;
    }
    for (int i = 0; i < 3; i++) {
        PyObject *context = PyTuple_GET_ITEM(given, i);
        if (mt_context_bind(context, s, st - s->steps) < 0) return -1;
        st->contexts[i] = mt_ref(context);
    }
    return mt_need_output_tag();
}

static int set_store(mt_store **at, PyObject *store)
{
    if (store == Py_None) return 0;
    if (!Py_IS_TYPE(store, &mt_store_object)) {
        PyErr_SetString(PyExc_TypeError, "the store of a step must be a Store");
        return -1;
    }
    *at = (mt_store *)mt_ref(store);
    return 0;
}

/* Reads (kind, functions, type, store, contexts, on_timer, windows, timer_type, window) into a step. */
static int parse_step(mt_stage *s, PyObject *given, mt_step *st, mt_type **type)
{
    const char *name;
    PyObject *functions, *text = Py_None, *store = Py_None, *contexts = Py_None, *timer = Py_None,
             *windows = Py_None, *timer_type = Py_None, *window = Py_None;
    if (!PyTuple_Check(given)) {
        PyErr_SetString(PyExc_TypeError, "a step is a tuple (kind, function, type, …)");
        return -1;
    }
    if (!PyArg_ParseTuple(given, "sO|OOOOOOO:step", &name, &functions, &text, &store, &contexts, &timer,
                          &windows, &timer_type, &window))
        return -1;
    size_t i = 0, n = sizeof kinds / sizeof *kinds;
    while (i < n && strcmp(name, kinds[i].name) != 0) i++;
    if (i == n) {
        PyErr_Format(PyExc_ValueError, "there is no step of kind '%s'", name);
        return -1;
    }
    st->kind = kinds[i].kind;
    if (st->kind == MT_STEP_EXCHANGE) {
        if (text != Py_None) return optional_type(text, type);
        PyErr_SetString(PyExc_TypeError, "an exchange needs a type");
        return -1;
    }
    if (st->kind == MT_STEP_ASYNC)
        return mt_async_parse(s, st, functions) < 0 ? -1 : optional_type(text, type);
    if (parse_functions(functions, st, name) < 0 || parse_contexts(s, contexts, st, name) < 0)
        return -1;
    if (set_store(&st->store, store) < 0 || set_store(&st->windows, windows) < 0 ||
        optional_type(timer_type, &st->timer_type) < 0)
        return -1;
    if (timer != Py_None && mt_call_set(&st->on_timer, timer, name) < 0) return -1;
    if (st->kind == MT_STEP_WINDOW && mt_window_parse(st, window) < 0) return -1;
    if (st->contexts[0] != NULL && st->store != NULL &&
        (st->timers = mt_timers_new(s->batch)) == NULL)
        return -1;
    return optional_type(text, type);
}

static mt_step *add_step(mt_stage *s, mt_step_kind kind, Py_ssize_t index)
{
    mt_step *st = &s->steps[s->count++];
    st->kind = kind;
    st->index = index;
    return st;
}

static bool calls_on_keyed(mt_step_kind kind)
{
    return kind == MT_STEP_MAP || kind == MT_STEP_FILTER || kind == MT_STEP_FLAT_MAP ||
           kind == MT_STEP_PROCESS || kind == MT_STEP_WINDOW;
}

static void set_type(mt_type **at, mt_type *type)
{
    Py_XINCREF(type);
    Py_XSETREF(*at, type);
}

/* Follows the types of value and key through the steps, and gives each step what it needs. */
static int build(mt_stage *s, PyObject *given)
{
    Py_ssize_t n = PySequence_Fast_GET_SIZE(given);
    mt_type *value = s->inputs[0].type, *key = s->inputs[0].key_type, *type;
    bool has_key = key != NULL;
    s->steps = PyMem_Calloc((size_t)n + 1, sizeof *s->steps);
    if (s->steps == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    mt_step *sorting = NULL; /* the step whose keys order what follows in batch mode */
    if (s->batch && key != NULL) {
        sorting = add_step(s, MT_STEP_KEYED_INPUT, -1);
        set_type(&sorting->key_type, key);
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        mt_step *st = add_step(s, MT_STEP_MAP, i);
        type = NULL;
        if (parse_step(s, PySequence_Fast_GET_ITEM(given, i), st, &type) < 0) return -1;
        if (has_two_inputs(st->kind) && (i > 0 || s->inputs[1].type == NULL)) {
            PyErr_SetString(PyExc_ValueError,
                            "a step of two inputs must be the first of a stage that has them");
            Py_XDECREF(type);
            return -1;
        }
        if (st->store != NULL && !has_key) {
            PyErr_SetString(PyExc_ValueError, "a step with keyed state needs a key");
            Py_XDECREF(type);
            return -1;
        }
        if (sorting != NULL && calls_on_keyed(st->kind)) sorting->sorts = true;
        sorting = NULL;
        switch (st->kind) {
        case MT_STEP_MAP: case MT_STEP_FLAT_MAP: case MT_STEP_EXCHANGE: case MT_STEP_PROCESS:
        case MT_STEP_CO_MAP: case MT_STEP_CO_FLAT_MAP: case MT_STEP_CO_PROCESS: case MT_STEP_WINDOW:
        case MT_STEP_ASYNC:
            value = type;
            if (st->store != NULL) set_type(&st->key_type, key);
            /* The step keeps the text's type alive while later steps refer to it. */
            set_type(&st->value_type, type);
            break;
        case MT_STEP_KEY_BY:
            has_key = true;
            key = type;
            set_type(&st->key_type, type);
            if (i + 1 < n) set_type(&st->value_type, value);
            if (s->batch) sorting = st;
            break;
        case MT_STEP_REDUCE:
            if (!has_key) {
                PyErr_SetString(PyExc_ValueError, "a reduce needs a key");
                Py_XDECREF(type);
                return -1;
            }
            set_type(&st->key_type, key);
            if (st->store == NULL && (st->store = mt_store_new(key)) == NULL) {
                Py_XDECREF(type);
                return -1;
            }
            if (type != NULL) value = type;
            set_type(&st->value_type, type);
            break;
        case MT_STEP_TIMESTAMP:
            s->sets_time = true;
            break;
        case MT_STEP_PARTITION:
            has_key = true;
            key = NULL;
            break;
        default: break;
        }
        Py_XDECREF(type);
    }
    if (s->count > 0 && s->steps[0].kind == MT_STEP_KEYED_INPUT && !s->steps[0].sorts) {
        step_clear(&s->steps[0]);
        memmove(s->steps, s->steps + 1, (size_t)--s->count * sizeof *s->steps);
    }
    for (Py_ssize_t i = 0; i < s->count; i++)
        if (s->steps[i].sorts && (s->steps[i].store = mt_store_new(s->steps[i].key_type)) == NULL)
            return -1;
    if (s->outputs[0].key_type != NULL && !has_key) {
        PyErr_SetString(PyExc_ValueError, "the stage declares an output key, but no step sets one");
        return -1;
    }
    return 0;
}

static int prepare_input(mt_input *in)
{
    if (in->type == NULL) return 0;
    if (mt_reader_init(&in->value, in->type) < 0) return -1;
    return in->key_type ? mt_reader_init(&in->key, in->key_type) : 0;
}

static int prepare(mt_stage *s)
{
    mt_type *times = mt_type_of_times(), *marks = times ? mt_type_of_kinds() : NULL;
    if (marks == NULL || prepare_input(&s->inputs[0]) < 0 || prepare_input(&s->inputs[1]) < 0 ||
        mt_reader_init(&s->in_time, times) < 0 || mt_reader_init(&s->in_kind, marks) < 0)
        return -1;
    for (int i = 0; i < s->output_count; i++)
        if (mt_output_init(&s->outputs[i], i) < 0) return -1;
    return 0;
}

/* The side outputs: a sequence of (id of the tag, type). */
static int make_outputs(mt_stage *s, PyObject *side)
{
    PyObject *list = side ? PySequence_Fast(side, "side_outputs must be a sequence") : NULL;
    if (side != NULL && list == NULL) return -1;
    Py_ssize_t n = list ? PySequence_Fast_GET_SIZE(list) : 0;
    s->outputs = PyMem_Calloc((size_t)n + 1, sizeof *s->outputs);
    if (s->outputs == NULL) PyErr_NoMemory();
    s->output_count = s->outputs ? 1 : 0;
    if (s->outputs != NULL && n > 0) s->side = PyDict_New();
    bool fine = s->outputs != NULL && (n == 0 || s->side != NULL);
    for (Py_ssize_t i = 0; fine && i < n; i++) {
        PyObject *id, *text;
        PyObject *index = PyLong_FromSsize_t(i + 1);
        fine = index && PyArg_ParseTuple(PySequence_Fast_GET_ITEM(list, i), "UO:side_outputs", &id, &text) &&
               optional_type(text, &s->outputs[i + 1].type) == 0 &&
               PyDict_SetItem(s->side, id, index) == 0;
        if (fine) s->output_count++;
        Py_XDECREF(index);
    }
    Py_XDECREF(list);
    return fine ? 0 : -1;
}

static PyObject *stage_new(PyTypeObject *cls, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"input", "output", "steps", "input_key", "output_key", "mode",
                            "batch_rows", "input2", "input2_key", "side_outputs", NULL};
    PyObject *input, *output, *steps, *input_key = NULL, *output_key = NULL, *second = NULL,
             *second_key = NULL, *side = NULL;
    const char *mode = "streaming";
    unsigned int batch_rows = 4096;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OOO|$OOsIOOO:Stage", names, &input, &output,
                                     &steps, &input_key, &output_key, &mode, &batch_rows, &second,
                                     &second_key, &side))
        return NULL;
    mt_stage *s = (mt_stage *)cls->tp_alloc(cls, 0);
    PyObject *list = s ? PySequence_Fast(steps, "steps must be a sequence") : NULL;
    if (list == NULL) goto bad;
    s->watermark = INT64_MIN;
    s->batch = strcmp(mode, "batch") == 0;
    s->batch_rows = batch_rows ? batch_rows : 1;
    if (!s->batch && strcmp(mode, "streaming") != 0) {
        PyErr_Format(PyExc_ValueError, "mode must be 'streaming' or 'batch', not '%s'", mode);
        goto bad;
    }
    if (make_outputs(s, side) < 0 || optional_type(input, &s->inputs[0].type) < 0 ||
        optional_type(input_key, &s->inputs[0].key_type) < 0 ||
        optional_type(second, &s->inputs[1].type) < 0 ||
        optional_type(second_key, &s->inputs[1].key_type) < 0 ||
        optional_type(output, &s->outputs[0].type) < 0 ||
        optional_type(output_key, &s->outputs[0].key_type) < 0)
        goto bad;
    if (s->inputs[0].type == NULL || s->outputs[0].type == NULL) {
        PyErr_SetString(PyExc_TypeError, "a stage has an input and an output type");
        goto bad;
    }
    if (prepare(s) < 0 || build(s, list) < 0) goto bad;
    mt_stage_advance(s, s->count - 1, INT64_MIN);
    Py_DECREF(list);
    return (PyObject *)s;
bad:
    Py_XDECREF(list);
    Py_XDECREF(s);
    return NULL;
}

/* ---- methods -------------------------------------------------------------------------------- */

static int collect(mt_stage *s, void *context, uint8_t *body, size_t length, int flags, int output)
{
    PyObject *frame = s->output_count == 1
                          ? Py_BuildValue("(iy#)", flags, (const char *)body, (Py_ssize_t)length)
                          : Py_BuildValue("(iy#i)", flags, (const char *)body, (Py_ssize_t)length,
                                          output);
    int out = frame ? PyList_Append(context, frame) : -1;
    Py_XDECREF(frame);
    return out;
}

static PyObject *stage_process(mt_stage *s, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"body", "flags", NULL};
    Py_buffer view;
    int flags = 0;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "y*|i:process", names, &view, &flags)) return NULL;
    PyObject *out = PyList_New(0);
    s->sink = collect;
    s->sink_context = out;
    if (out != NULL && mt_stage_process(s, view.buf, (size_t)view.len, flags) < 0) Py_CLEAR(out);
    PyBuffer_Release(&view);
    return out;
}

static PyObject *stage_finish(mt_stage *s, PyObject *unused)
{
    (void)unused;
    PyObject *out = PyList_New(0);
    s->sink = collect;
    s->sink_context = out;
    if (out != NULL && mt_stage_finish(s) < 0) Py_CLEAR(out);
    return out;
}

static PyObject *stage_fire(mt_stage *s, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"step", "keys", "times", "watermark", "bound", "processing", NULL};
    Py_ssize_t step;
    PyObject *keys, *times;
    long long watermark, bound;
    int processing = 0;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "nO!O!LL|p:fire", names, &step, &PyList_Type, &keys,
                                     &PyList_Type, &times, &watermark, &bound, &processing))
        return NULL;
    PyObject *out = PyList_New(0);
    s->sink = collect;
    s->sink_context = out;
    if (out != NULL && mt_stage_fire(s, step, keys, times, watermark, bound, processing) < 0)
        Py_CLEAR(out);
    return out;
}

/* List of (step, list of (key, time, op)): what functions have set and deleted since the last time. */
static PyObject *stage_take_timers(mt_stage *s, PyObject *unused)
{
    (void)unused;
    PyObject *out = PyList_New(0);
    for (Py_ssize_t i = 0; out != NULL && i < s->count; i++) {
        if (s->steps[i].timers == NULL) continue;
        PyObject *told = mt_timers_take(s->steps[i].timers);
        PyObject *entry = told ? Py_BuildValue("(nN)", s->steps[i].index, told) : NULL;
        if (entry != NULL ? PyList_Append(out, entry) < 0 : PyErr_Occurred() != NULL) Py_CLEAR(out);
        Py_XDECREF(entry);
    }
    return out;
}

static PyObject *get_watermark(mt_stage *s, void *unused)
{
    (void)unused;
    return PyLong_FromLongLong(s->watermark);
}

static int set_watermark(mt_stage *s, PyObject *value, void *unused)
{
    (void)unused;
    long long time = value ? PyLong_AsLongLong(value) : 0;
    if (value == NULL || PyErr_Occurred()) return -1;
    mt_stage_advance(s, s->count - 1, time);
    return 0;
}

static PyObject *get_failure(mt_stage *s, void *unused)
{
    (void)unused;
    if (s->failure == NULL) Py_RETURN_NONE;
    return Py_BuildValue("(snO)", s->failure, s->failure_step,
                         s->failure_record ? s->failure_record : Py_None);
}

static PyObject *get_rows(mt_stage *s, void *which)
{
    return PyLong_FromUnsignedLongLong(which ? s->rows_out : s->rows_in);
}

static PyGetSetDef stage_getset[] = {
    {"failure", (getter)get_failure, NULL,
     "What failed: (kind, index of the step or -1, the value at hand or None); else None.", NULL},
    {"watermark", (getter)get_watermark, (setter)set_watermark, "The current watermark, ms.", NULL},
    {"rows_in", (getter)get_rows, NULL, "Rows taken so far.", NULL},
    {"rows_out", (getter)get_rows, NULL, "Rows given so far.", (void *)1},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyMethodDef stage_methods[] = {
    {"process", (PyCFunction)(void (*)(void))stage_process, METH_VARARGS | METH_KEYWORDS,
     "process(body, flags=0) -> list of (flags, body)\n\nRuns the rows of one BATCH body."},
    {"finish", (PyCFunction)stage_finish, METH_NOARGS,
     "finish() -> list of (flags, body)\n\nResults that waited for the end of the input."},
    {"fire", (PyCFunction)(void (*)(void))stage_fire, METH_VARARGS | METH_KEYWORDS,
     "fire(step, keys, times, watermark, bound, processing=False) -> list of (flags, body)\n\n"
     "Fires timers that are due."},
    {"take_timers", (PyCFunction)stage_take_timers, METH_NOARGS,
     "take_timers() -> list of (step, list of (key, time, op))\n\nTimers set (op 0) and deleted "
     "(1), of processing time if 2 is added, since the last time."},
    {NULL, NULL, 0, NULL},
};

PyTypeObject mt_stage_object = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "martlet._native.Stage",
    .tp_doc = "Stage(input, output, steps, *, input_key=None, output_key=None, mode='streaming', "
              "batch_rows=4096, input2=None, input2_key=None, side_outputs=())\n\nFused functions. A "
              "step is (kind, function, type, store, contexts, on_timer, windows, timer_type, window): type is the "
              "output type of a map, flat_map or exchange, the key type of a key_by, else None.",
    .tp_basicsize = sizeof(mt_stage),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = stage_new,
    .tp_dealloc = (destructor)stage_dealloc,
    .tp_methods = stage_methods,
    .tp_getset = stage_getset,
};
