/* The making of a stage, and its face towards Python. The loop is in run.c. */
#include "native.h"

static const struct {
    const char *name;
    mt_step_kind kind;
} kinds[] = {
    {"map", MT_STEP_MAP}, {"filter", MT_STEP_FILTER}, {"flat_map", MT_STEP_FLAT_MAP},
    {"key_by", MT_STEP_KEY_BY}, {"reduce", MT_STEP_REDUCE}, {"partition", MT_STEP_PARTITION},
    {"exchange", MT_STEP_EXCHANGE},
};

static void step_clear(mt_step *st)
{
    Py_CLEAR(st->call);
    Py_CLEAR(st->self);
    Py_CLEAR(st->value_type);
    Py_CLEAR(st->key_type);
    mt_keyed_free(st->keyed);
    st->keyed = NULL;
}

static void stage_dealloc(mt_stage *s)
{
    for (Py_ssize_t i = 0; i < s->count; i++) step_clear(&s->steps[i]);
    PyMem_Free(s->steps);
    mt_reader *readers[] = {&s->in_value, &s->in_key, &s->in_time, &s->in_kind};
    mt_writer *writers[] = {&s->out_value, &s->out_key, &s->out_time, &s->out_kind};
    for (int i = 0; i < 4; i++) {
        mt_reader_free(readers[i]);
        mt_writer_free(writers[i]);
    }
    PyMem_RawFree(s->frame.data);
    mt_encoding_clear(&s->encoding);
    Py_XDECREF(s->input);
    Py_XDECREF(s->input_key);
    Py_XDECREF(s->output);
    Py_XDECREF(s->output_key);
    Py_XDECREF(s->failure_record);
    Py_TYPE(s)->tp_free((PyObject *)s);
}

/* A bound method is called as its function with the object in front: one object less per row. */
static void set_call(mt_step *st, PyObject *function)
{
    if (PyMethod_Check(function)) {
        st->call = mt_ref(PyMethod_GET_FUNCTION(function));
        st->self = mt_ref(PyMethod_GET_SELF(function));
    } else {
        st->call = mt_ref(function);
    }
    st->vector = PyVectorcall_Function(st->call);
}

static int optional_type(PyObject *text, mt_type **out)
{
    *out = NULL;
    if (text == NULL || text == Py_None) return 0;
    return (*out = mt_type_from(text)) && mt_need(*out) == 0 ? 0 : -1;
}

/* Reads (kind, function, type) into a step. */
static int parse_step(PyObject *given, mt_step *st, mt_type **type)
{
    const char *name;
    PyObject *function, *text = Py_None;
    if (!PyTuple_Check(given)) {
        PyErr_SetString(PyExc_TypeError, "a step is a tuple (kind, function, type)");
        return -1;
    }
    if (!PyArg_ParseTuple(given, "sO|O:step", &name, &function, &text)) return -1;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(name, kinds[i].name) == 0) {
            st->kind = kinds[i].kind;
            if (st->kind == MT_STEP_EXCHANGE) {
                if (text != Py_None) return optional_type(text, type);
                PyErr_SetString(PyExc_TypeError, "an exchange needs a type");
                return -1;
            }
            if (!PyCallable_Check(function)) {
                PyErr_Format(PyExc_TypeError, "the function of a %s must be callable, not %s", name,
                             Py_TYPE(function)->tp_name);
                return -1;
            }
            set_call(st, function);
            return optional_type(text, type);
        }
    PyErr_Format(PyExc_ValueError, "there is no step of kind '%s'", name);
    return -1;
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
    return kind == MT_STEP_MAP || kind == MT_STEP_FILTER || kind == MT_STEP_FLAT_MAP;
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
    mt_type *value = s->input, *key = s->input_key, *type;
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
        if (parse_step(PySequence_Fast_GET_ITEM(given, i), st, &type) < 0) {
            return -1;
        }
        if (sorting != NULL && calls_on_keyed(st->kind)) sorting->sorts = true;
        sorting = NULL;
        switch (st->kind) {
        case MT_STEP_MAP: case MT_STEP_FLAT_MAP: case MT_STEP_EXCHANGE:
            value = type;
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
            if ((st->keyed = mt_keyed_new(key)) == NULL) {
                Py_XDECREF(type);
                return -1;
            }
            if (type != NULL) value = type;
            set_type(&st->value_type, type);
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
        if (s->steps[i].sorts && (s->steps[i].keyed = mt_keyed_new(s->steps[i].key_type)) == NULL)
            return -1;
    if (s->output_key != NULL && !has_key) {
        PyErr_SetString(PyExc_ValueError, "the stage declares an output key, but no step sets one");
        return -1;
    }
    return 0;
}

static int prepare(mt_stage *s)
{
    mt_type *times = mt_type_of_times(), *marks = times ? mt_type_of_kinds() : NULL;
    if (marks == NULL) return -1;
    if (mt_reader_init(&s->in_value, s->input) < 0 || mt_reader_init(&s->in_time, times) < 0 ||
        mt_reader_init(&s->in_kind, marks) < 0 ||
        mt_writer_init(&s->out_value, s->output, &s->encoding) < 0 ||
        mt_writer_init(&s->out_time, times, &s->encoding) < 0 ||
        mt_writer_init(&s->out_kind, marks, &s->encoding) < 0)
        return -1;
    if (s->input_key != NULL && mt_reader_init(&s->in_key, s->input_key) < 0) return -1;
    s->row_width = s->out_value.width + 9;
    if (s->output_key == NULL) return 0;
    s->row_width += 8;
    if (mt_writer_init(&s->out_key, s->output_key, &s->encoding) < 0) return -1;
    mt_writer_exact(&s->out_key);
    return 0;
}

static PyObject *stage_new(PyTypeObject *cls, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"input", "output", "steps", "input_key", "output_key", "mode",
                            "batch_rows", NULL};
    PyObject *input, *output, *steps, *input_key = NULL, *output_key = NULL;
    const char *mode = "streaming";
    unsigned int batch_rows = 4096;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OOO|$OOsI:Stage", names, &input, &output, &steps,
                                     &input_key, &output_key, &mode, &batch_rows))
        return NULL;
    mt_stage *s = (mt_stage *)cls->tp_alloc(cls, 0);
    PyObject *list = s ? PySequence_Fast(steps, "steps must be a sequence") : NULL;
    if (list == NULL) goto bad;
    s->batch = strcmp(mode, "batch") == 0;
    s->batch_rows = batch_rows ? batch_rows : 1;
    if (!s->batch && strcmp(mode, "streaming") != 0) {
        PyErr_Format(PyExc_ValueError, "mode must be 'streaming' or 'batch', not '%s'", mode);
        goto bad;
    }
    if (optional_type(input, &s->input) < 0 || optional_type(output, &s->output) < 0 ||
        optional_type(input_key, &s->input_key) < 0 || optional_type(output_key, &s->output_key) < 0)
        goto bad;
    if (s->input == NULL || s->output == NULL) {
        PyErr_SetString(PyExc_TypeError, "a stage has an input and an output type");
        goto bad;
    }
    if (prepare(s) < 0 || build(s, list) < 0) goto bad;
    Py_DECREF(list);
    return (PyObject *)s;
bad:
    Py_XDECREF(list);
    Py_XDECREF(s);
    return NULL;
}

/* ---- methods -------------------------------------------------------------------------------- */

static int collect(mt_stage *s, void *context, uint8_t *body, size_t length, int flags)
{
    (void)s;
    PyObject *frame = Py_BuildValue("(iy#)", flags, (const char *)body, (Py_ssize_t)length);
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
    {"rows_in", (getter)get_rows, NULL, "Rows taken so far.", NULL},
    {"rows_out", (getter)get_rows, NULL, "Rows given so far.", (void *)1},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyMethodDef stage_methods[] = {
    {"process", (PyCFunction)(void (*)(void))stage_process, METH_VARARGS | METH_KEYWORDS,
     "process(body, flags=0) -> list of (flags, body)\n\nRuns the rows of one BATCH body."},
    {"finish", (PyCFunction)stage_finish, METH_NOARGS,
     "finish() -> list of (flags, body)\n\nResults that waited for the end of the input."},
    {NULL, NULL, 0, NULL},
};

PyTypeObject mt_stage_object = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "martlet._native.Stage",
    .tp_doc = "Stage(input, output, steps, *, input_key=None, output_key=None, mode='streaming', "
              "batch_rows=4096)\n\nFused functions. A step is (kind, function, type): type is the "
              "output type of a map, flat_map or exchange, the key type of a key_by, else None.",
    .tp_basicsize = sizeof(mt_stage),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = stage_new,
    .tp_dealloc = (destructor)stage_dealloc,
    .tp_methods = stage_methods,
    .tp_getset = stage_getset,
};
