/* What the files of the kinds of state share: a state is a view on one slot of the current key's
 * record. */
#ifndef MARTLET_STATE_H
#define MARTLET_STATE_H

#include "native.h"

typedef struct {
    PyObject_HEAD
    mt_store *store;
    uint32_t slot;
    PyObject *name;
    mt_type *type;  /* of a value, an element or a map's value */
    mt_type *key;   /* of a map */
    mt_encoding encoding;
} mt_state;

PyObject *mt_state_new(PyTypeObject *cls, PyObject *args, PyObject *kwargs);
void mt_state_dealloc(mt_state *s);
extern PyGetSetDef mt_state_getset[];

/* Raises that there is no current key; always NULL. */
mt_slot *mt_state_no_key(mt_state *s);
/* Makes the pending EncodeError one that says which state the value does not fit; always NULL. */
PyObject *mt_state_misfit(mt_state *s, const char *what);
/* clear() of values and lists. */
PyObject *mt_state_clear(mt_state *s, PyObject *unused);

/* The slot of the current key, whether known or not; NULL with an exception. */
static inline mt_slot *mt_state_peek(mt_state *s)
{
    if (UNLIKELY(s->store->current == NULL)) return mt_state_no_key(s);
    return &s->store->current->slots[s->slot];
}

/* The same, asked for if it was not known. */
static inline mt_slot *mt_state_slot(mt_state *s)
{
    mt_slot *at = mt_state_peek(s);
    if (at == NULL || LIKELY(at->flags & MT_SLOT_KNOWN)) return at;
    return mt_slot_load(s->store, s->slot) < 0 ? NULL : &s->store->current->slots[s->slot];
}

/* New reference: the value as its type makes it. */
static inline PyObject *mt_state_checked(mt_state *s, mt_type *type, PyObject *value, const char *what)
{
    PyObject *out = mt_coerce(type, mt_ref(value), &s->encoding);
    return LIKELY(out != NULL) ? out : mt_state_misfit(s, what);
}

static inline void mt_state_mark(mt_state *s)
{
    mt_store_mark(s->store, s->slot);
}

#define MT_STATE_TYPE(variable, text, methods_, ...)                                                   \
    PyTypeObject variable = {                                                                       \
        PyVarObject_HEAD_INIT(NULL, 0).tp_name = "martlet._native." text,                           \
        .tp_doc = text "(store, name, type, key_type=None)",                                        \
        .tp_basicsize = sizeof(mt_state), .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,        \
        .tp_new = mt_state_new, .tp_dealloc = (destructor)mt_state_dealloc, .tp_methods = methods_,       \
        .tp_getset = mt_state_getset, __VA_ARGS__}

#endif
