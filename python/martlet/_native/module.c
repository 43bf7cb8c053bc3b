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
        PyType_Ready(&mt_entry_object) < 0 || PyType_Ready(&mt_named_entry_object) < 0 ||
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
        add(module, "Stage", (PyObject *)&mt_stage_object) < 0) {
        Py_DECREF(module);
        return NULL;
    }
    return module;
}
