#ifndef SLIPWAY_WEB_H
#define SLIPWAY_WEB_H

/**
 * Web: the status page, the API, health and metrics, and the webhook that
 * takes people's decisions.
 *
 *     struct web *w = web_open(loop, engine, &e);
 *     ...
 *     web_drain(w);     when the daemon is told to stop
 *     web_close(w);     before the engine goes
 *
 * Every path is a row of the table in routes.c; docs/http-api.md says what
 * each answers.  Only the POST changes anything, and only with a signature.
 */

#include "slipway/error.h"

struct engine;
struct loop;
struct web;

/**
 * Listens where the engine's settings say.  Loop and engine must outlive it.
 * NULL with ERROR_CONFLICT if the address is taken, else ERROR_INVALID or
 * ERROR_UNREACHABLE.
 */
struct web *web_open(struct loop *l, struct engine *en, struct error *e) MUST_CHECK;

/** The port it listens on. */
int web_port(const struct web *w) MUST_CHECK;

/** Takes no new request; answers to those under way still go out. */
void web_drain(struct web *w);

/** Closes every connection at once; NULL is allowed.  Decisions under way are still recorded. */
void web_close(struct web *w);

#endif
