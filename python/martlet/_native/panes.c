/* The panes of a key: windows that slide share them, so that a row is kept once. What a pane holds is
 * in the record of (key, start, end of the pane); here is which ones there are, in order. */
#include "window.h"

void mt_panes_free(mt_cursor *c)
{
    for (uint32_t i = c->first; i < c->end; i++) {
        Py_XDECREF((PyObject *)c->panes[i].record);
        Py_XDECREF(c->panes[i].suffix);
    }
    PyMem_Free(c->panes);
    Py_XDECREF(c->back);
    Py_XDECREF(c->total);
}

/* The place of a pane: of the first one that is not before `start`. Rows mostly come to the last. */
static uint32_t place_of(const mt_cursor *c, int64_t start)
{
    if (c->end > c->first && c->panes[c->end - 1].start < start) return c->end;
    uint32_t low = c->first, high = c->end;
    if (high > low && (high == low + 1 || c->panes[high - 2].start < start)) return high - 1;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (c->panes[middle].start < start)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Room for one more behind the last. */
static int make_room(mt_store *keyed, mt_cursor *c)
{
    if (c->end < c->capacity) return 0;
    uint32_t count = c->end - c->first;
    if (c->first >= c->capacity / 4 + 1) { /* what was dropped in front is as much as a move costs */
        memmove(c->panes, c->panes + c->first, count * sizeof(mt_pane));
    } else {
        uint32_t capacity = c->capacity ? 2 * c->capacity : 4;
        mt_pane *grown = PyMem_Malloc(capacity * sizeof(mt_pane));
        if (grown == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        if (count > 0) memcpy(grown, c->panes + c->first, count * sizeof(mt_pane));
        PyMem_Free(c->panes);
        c->panes = grown;
        keyed->bytes += (capacity - c->capacity) * sizeof(mt_pane);
        c->capacity = capacity;
    }
    c->first = 0;
    c->end = count;
    return 0;
}

static mt_pane *insert(mt_step *st, mt_cursor *c, int64_t start, mt_record *r)
{
    if (make_room(st->store, c) < 0) return NULL;
    uint32_t i = place_of(c, start);
    memmove(c->panes + i + 1, c->panes + i, (c->end - i) * sizeof(mt_pane));
    c->end++;
    c->panes[i] = (mt_pane){start, (mt_record *)mt_ref((PyObject *)r), NULL};
    return &c->panes[i];
}

/* The record of a pane, with what the runtime has for it; borrowed. */
static mt_record *look_up(mt_step *st, PyObject *key, int64_t start)
{
    mt_window *w = st->window;
    PyObject *own = mt_window_key(key, start, w->size);
    if (own == NULL) return NULL;
    mt_record *r = NULL;
    if (mt_store_enter(st->windows, own) == 0 && mt_slot_load(st->windows, w->slot) == 0)
        r = st->windows->current;
    mt_store_leave(st->windows); /* the key goes now */
    Py_DECREF(own);
    return r;
}

mt_pane *mt_pane_enter(mt_step *st, mt_cursor *c, PyObject *key, int64_t start, bool *added)
{
    uint32_t i = place_of(c, start);
    mt_pane *p = i < c->end && c->panes[i].start == start ? &c->panes[i] : NULL;
    if (LIKELY(p != NULL && !p->record->gone)) return p;
    mt_record *r = look_up(st, key, start);
    if (r == NULL) return NULL;
    if (p == NULL) {
        *added = true;
        return insert(st, c, start, r);
    }
    Py_SETREF(p->record, (mt_record *)mt_ref((PyObject *)r));
    return p;
}

PyObject *mt_pane_value(mt_step *st, PyObject *key, mt_pane *p)
{
    if (UNLIKELY(p->record->gone)) {
        mt_record *r = look_up(st, key, p->start);
        if (r == NULL) return NULL;
        Py_SETREF(p->record, (mt_record *)mt_ref((PyObject *)r));
    }
    return p->record->slots[st->window->slot].value;
}

/* Takes an empty record out of the store of the windows. */
static int forget(mt_step *st, PyObject *key, int64_t start, bool clear)
{
    mt_window *w = st->window;
    PyObject *own = mt_window_key(key, start, w->size);
    int out = own ? mt_store_enter(st->windows, own) : -1;
    if (out == 0 && clear) {
        Py_CLEAR(st->windows->current->slots[w->slot].value);
        mt_store_mark(st->windows, w->slot);
    }
    if (out == 0) out = mt_store_forget(st->windows);
    mt_store_leave(st->windows);
    Py_XDECREF(own);
    return out;
}

int mt_panes_know(mt_step *st, mt_cursor *c, PyObject *key, int64_t start, int64_t end)
{
    int64_t size = st->window->size, at = c->known_to > start ? c->known_to : start;
    for (; at < end; at += size) {
        uint32_t i = place_of(c, at);
        if (i < c->end && c->panes[i].start == at) continue;
        mt_record *r = look_up(st, key, at);
        if (r == NULL) return -1;
        if (r->slots[st->window->slot].value == NULL) {
            if (forget(st, key, at, false) < 0) return -1;
        } else {
            mt_panes_changed(c, at);
            if (insert(st, c, at, r) == NULL) return -1;
        }
    }
    if (c->known_to < end) c->known_to = end;
    return 0;
}

int mt_panes_drop(mt_step *st, mt_cursor *c, PyObject *key, int64_t before)
{
    for (; c->first < c->end && c->panes[c->first].start < before; c->first++) {
        mt_pane *p = &c->panes[c->first];
        Py_CLEAR(c->total);
        if (forget(st, key, p->start, true) < 0) return -1;
        Py_CLEAR(p->record);
        Py_CLEAR(p->suffix);
    }
    return 0;
}

int mt_panes_missing(mt_step *st, PyObject *keys, PyObject *key, int64_t start)
{
    mt_window *w = st->window;
    /* Of a key that is not there yet all panes are asked for. */
    mt_cursor none = {.known_to = INT64_MIN}, *c = &none;
    if (mt_store_enter(st->store, key) < 0) return -1;
    mt_cursor *known = mt_cursor_of(st, false);
    if (known != NULL) c = known;
    int out = 0;
    for (int64_t at = start; out == 0 && at < start + w->length; at += w->size) {
        uint32_t i = place_of(c, at);
        bool here = i < c->end && c->panes[i].start == at;
        if (here ? !c->panes[i].record->gone : at < c->known_to) continue;
        PyObject *own = mt_window_key(key, at, w->size);
        out = own ? PyList_Append(keys, own) : -1;
        Py_XDECREF(own);
    }
    mt_store_leave(st->store);
    return out;
}
