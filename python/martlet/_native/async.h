/* Steps whose results come later (async.c): rows go to an event loop on another thread, and a frame
 * is answered when all of its rows are done. */
#ifndef MARTLET_ASYNC_H
#define MARTLET_ASYNC_H

#include "native.h"

struct mt_async {
    Py_ssize_t step;
    PyObject *submit; /* callable(value, time or None) -> bool: false if there is no room */
    PyObject *mark;   /* callable(boundary): a frame has come whole; rows do not pass a boundary */
    PyObject *take;   /* callable() -> list of (value, time, results, error), or None where the
                       * oldest frame that was marked is done */
    int wake;         /* readable when there is something to take */
    int peer;         /* the socket whose end ends all waiting, or -1 */
    /* Answers the oldest frame that was marked. */
    int (*answer)(mt_stage *stage, void *context);
    void *context;
};

int mt_async_parse(mt_stage *stage, mt_step *step, PyObject *given);
void mt_async_free(mt_async *async);
/* Hands over a row; waits as long as there is no room, and deals with what is done meanwhile. */
int mt_async_submit(mt_stage *stage, PyObject *value);
/* Says that all rows of a frame have been handed over. */
int mt_async_mark(mt_stage *stage, bool boundary);
/* Runs the steps behind for all that is done, and answers what can be answered; how much it was,
 * or -1. */
int mt_async_deliver(mt_stage *stage);
/* Waits until there is something to take; with `read` also until the peer says something. Bits: 1
 * there is, 2 it has. -1 with an exception, BrokenPipeError if the peer is gone. */
int mt_async_wait(mt_stage *stage, bool read);

/* As mt_stage_process: returns when all rows of the frame are done. */
int mt_async_process(mt_stage *stage, const uint8_t *body, size_t length, int flags);

#endif
