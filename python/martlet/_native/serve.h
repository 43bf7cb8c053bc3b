/* Frames on their way through a worker: what serve.c and later.c share. */
#ifndef MARTLET_SERVE_H
#define MARTLET_SERVE_H

#include "async.h"

enum { HEADER = 16, KEEP = 16 << 20 /* a larger buffer is not kept between frames */ };

enum { OPEN = 1, BATCH, WATERMARK, BARRIER, END, STATUS, STATE, FIRE, READY = 64, OUT_BATCH, ECHO,
       ERROR, METRICS };

typedef struct {
    uint32_t length;
    uint8_t kind, flags;
    uint16_t index;
    uint64_t sequence;
} header;

/* A frame that came while an answer was waited for. */
typedef struct waiting {
    struct waiting *next;
    header h;
    uint8_t *body; /* aligned to 64 */
} waiting;

/* A frame that has come, and whose answer is not complete. */
typedef struct unanswered {
    struct unanswered *next;
    header h;
    uint8_t body[16]; /* of a control frame */
} unanswered;

typedef struct {
    PyObject *on_control, *tick;
    double seconds, next;
} hooks;

typedef struct {
    int fd;
    uint64_t sequence; /* of the frame that is being answered */
    PyObject *before;  /* called before an answer is completed; or NULL */
    uint8_t *memory;   /* aligned to 64 */
    size_t capacity;
    waiting *first, **last; /* frames that came early */
    hooks *hooks;
    unanswered *open, **open_last; /* where results come later: the oldest is answered first */
} channel;

int mt_check_control(const header *h);
/* All that precedes a control frame is done: it is noticed and echoed. */
int mt_pass_control(channel *c, mt_stage *s, const header *h, const uint8_t *body);

/* Stages whose results come later (later.c). */
void mt_later_begin(channel *c, mt_stage *s);
void mt_later_end(channel *c, mt_stage *s);
/* Waits for the next frame, and deals with what is done meanwhile. 1: it is there, or the end is.
 * 2: no, but something was done. */
int mt_later_await(channel *c, mt_stage *s);
/* As serve_one, for a frame that has been read. */
int mt_later_serve(channel *c, mt_stage *s, const header *h);

#endif
