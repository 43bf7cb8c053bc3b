/* The module martlet._native. Importing it imports no other module. */
#include "native.h"

static PyMethodDef methods[] = {
    {"encode", (PyCFunction)(void (*)(void))mt_encode, METH_VARARGS | METH_KEYWORDS,
     "encode(values, type, keys=None, key_type=None, timestamps=None, kinds=None, *, first_row=0)"
     " -> bytes\n\nThe body of a BATCH frame. Raises EncodeError for a value that does not fit; "
     "rows are counted from first_row."},
    {"decode", (PyCFunction)(void (*)(void))mt_decode, METH_VARARGS | METH_KEYWORDS,
     "decode(body, type, key_type=None, flags=0) -> list\n\nThe values of a BATCH body. Rows get "
     "their row kind where flags has 4."},
    {"decode_batch", (PyCFunction)(void (*)(void))mt_decode_batch, METH_VARARGS | METH_KEYWORDS,
     "decode_batch(body, type, key_type=None, flags=0) -> (values, keys, timestamps, kinds)\n\n"
     "All columns of a BATCH body, None for one that is not there."},
    {"encode_columns", mt_encode_columns, METH_VARARGS,
     "encode_columns(columns, types) -> bytes\n\nLists as the body of a frame, a column each."},
    {"decode_columns", mt_decode_columns, METH_VARARGS,
     "decode_columns(body, types) -> tuple of lists"},
    {"map_changes", mt_map_changes, METH_O,
     "map_changes(map) -> (cleared, keys, values, removed keys)\n\nSince the last time."},
    {"send", mt_send, METH_VARARGS,
     "send(kind, index, body)\n\nA frame that belongs to what the stage is answering."},
    {"request", mt_request, METH_VARARGS,
     "request(kind, index, body) -> (flags, body)\n\nSends, and waits for the STATE frame that "
     "answers."},
    {"flink_key", mt_flink_key_py, METH_VARARGS,
     "flink_key(type, key) -> bytes\n\nThe key as PyFlink's key serializer writes it."},
    {"serve", (PyCFunction)(void (*)(void))mt_serve, METH_VARARGS | METH_KEYWORDS,
     "serve(fd, stage, *, before_answer=None, on_control=None, tick=None, tick_seconds=5.0)"
     " -> (reason, sequence)\n\nAnswers frames until END ('end': final results are sent, the echo "
     "is not) or until the peer is gone ('eof')."},
    {"read_frame", mt_read_frame, METH_VARARGS,
     "read_frame(fd) -> (kind, flags, sequence, body), or None at the end."},
    {"write_frame", mt_write_frame, METH_VARARGS,
     "write_frame(fd, kind, flags, sequence, body)\n\nWrites one frame."},
    {"now", mt_now, METH_NOARGS, "now() -> int\n\nThe clock of processing time, in ms since the epoch."},
    {"hold_clock", mt_hold_clock, METH_O,
     "hold_clock(ms)\n\nHas now() and all that goes by it say this, in tests; None lets go."},
    {"set_pdeathsig", mt_set_pdeathsig, METH_VARARGS,
     "set_pdeathsig(signal=9)\n\nThe signal this process gets when its parent dies."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "martlet._native",
    .m_doc = "Columns to Python values and back, the fused stage, and the worker's frames.",
    .m_size = -1,
    .m_methods = methods,
};

static int add(PyObject *module, const char *name, PyObject *object)
{
    Py_XINCREF(object);
    if (object != NULL && PyModule_AddObject(module, name, object) == 0) return 0;
    Py_XDECREF(object);
    return -1;
}

PyMODINIT_FUNC PyInit__native(void)
{
    if (PyType_Ready(&mt_type_object) < 0 || PyType_Ready(&mt_stage_object) < 0 ||
        PyType_Ready(&mt_record_object) < 0 || PyType_Ready(&mt_store_object) < 0 ||
        PyType_Ready(&mt_value_state_object) < 0 || PyType_Ready(&mt_list_state_object) < 0 ||
        PyType_Ready(&mt_map_state_object) < 0 || PyType_Ready(&mt_map_object) < 0 ||
        PyType_Ready(&mt_cursor_object) < 0 || PyType_Ready(&mt_bucket_object) < 0 ||
        PyType_Ready(&mt_context_object) < 0 || PyType_Ready(&mt_timer_service_object) < 0 ||
        mt_lazy_init() < 0)
        return NULL;
    PyObject *module = PyModule_Create(&definition);
    if (module == NULL) return NULL;
    if (mt_EncodeError == NULL)
        mt_EncodeError = PyErr_NewExceptionWithDoc(
            "martlet._native.EncodeError",
            "A value does not fit its type. Attributes: row (int or None), path, expected, value.",
            PyExc_ValueError, NULL);
    if (mt_DecodeError == NULL)
        mt_DecodeError = PyErr_NewExceptionWithDoc("martlet._native.DecodeError",
                                                   "Bytes that are not what the protocol allows.",
                                                   PyExc_ValueError, NULL);
    if (add(module, "EncodeError", mt_EncodeError) < 0 ||
        add(module, "DecodeError", mt_DecodeError) < 0 ||
        add(module, "Type", (PyObject *)&mt_type_object) < 0 ||
        add(module, "Stage", (PyObject *)&mt_stage_object) < 0 ||
        add(module, "Store", (PyObject *)&mt_store_object) < 0 ||
        add(module, "ValueState", (PyObject *)&mt_value_state_object) < 0 ||
        add(module, "ListState", (PyObject *)&mt_list_state_object) < 0 ||
        add(module, "MapState", (PyObject *)&mt_map_state_object) < 0 ||
        add(module, "Context", (PyObject *)&mt_context_object) < 0 ||
        add(module, "TimerService", (PyObject *)&mt_timer_service_object) < 0) {
        Py_DECREF(module);
        return NULL;
    }
    return module;
}
