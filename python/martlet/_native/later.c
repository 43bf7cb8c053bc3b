/* Frames of a stage whose results come later: each is answered when all before it are and its own
 * rows are done, and what is done leaves under the sequence of the oldest one. */
#include "serve.h"
#include <stdlib.h>

/* The oldest frame has all of its results; what is left of them goes with its answer. */
static int answer_oldest(mt_stage *s, void *context)
{
    channel *c = context;
    unanswered *oldest = c->open;
    int out = mt_stage_flush(s, oldest->h.kind == BATCH ? MT_FLAG_LAST : 0);
    if (out == 0 && oldest->h.kind != BATCH && oldest->h.kind != END)
        out = mt_pass_control(c, s, &oldest->h, oldest->body);
    if ((c->open = oldest->next) == NULL)
        c->open_last = &c->open;
    else
        c->sequence = c->open->h.sequence;
    free(oldest);
    return out;
}

static int expect_answer(channel *c, const header *h)
{
    unanswered *u = calloc(1, sizeof *u);
    if (u == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    u->h = *h;
    if (h->kind != BATCH) memcpy(u->body, c->memory, h->length);
    if (c->open == NULL) c->sequence = h->sequence;
    *c->open_last = u;
    c->open_last = &u->next;
    return 0;
}

/* What has come since the last look, on its way out. */
static int deliver(mt_stage *s)
{
    return mt_async_deliver(s) < 0 || mt_stage_flush(s, 0) < 0 ? -1 : 0;
}

int mt_later_await(channel *c, mt_stage *s)
{
    /* Frames that came early are not to be waited for. */
    int ready = c->first ? 3 : mt_async_wait(s, true);
    if (ready < 0) return -1;
    if (ready & 1) {
        mt_stage_start(s);
        if (deliver(s) < 0) return -1;
    }
    return ready & 2 ? 1 : 2;
}

int mt_later_serve(channel *c, mt_stage *s, const header *h)
{
    if (h->kind != BATCH && mt_check_control(h) < 0) return -1;
    if (expect_answer(c, h) < 0) return -1;
    if (h->kind == BATCH && mt_stage_rows(s, c->memory, h->length, h->flags) < 0) return -1;
    if (mt_async_mark(s, h->kind != BATCH) < 0 || deliver(s) < 0) return -1;
    if (h->kind != END) return 1;
    while (c->open != NULL)
        if (mt_async_wait(s, false) < 0 || deliver(s) < 0) return -1;
    c->sequence = h->sequence;
    return mt_stage_finish(s) < 0 ? -1 : 2;
}

void mt_later_begin(channel *c, mt_stage *s)
{
    if (s->async == NULL) return;
    s->async->answer = answer_oldest;
    s->async->context = c;
    s->async->peer = c->fd;
}

void mt_later_end(channel *c, mt_stage *s)
{
    if (s->async != NULL) s->async->peer = -1;
    for (unanswered *u = c->open, *next; u != NULL; u = next) {
        next = u->next;
        free(u);
    }
}
