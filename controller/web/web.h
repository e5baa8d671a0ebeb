#ifndef SLIPWAY_WEB_WEB_H
#define SLIPWAY_WEB_WEB_H

/**
 * Web: the status page, the API, the signed webhook, health and metrics.
 *
 * Reads settings through engine_settings() at every request, so that a reload needs no
 * word here; only `listen` is read once, when it opens.
 */

#include "slipway/error.h"

struct engine;
struct loop;
struct web;

/** Listens as the settings say.  Engine and loop must outlive it.  Errors as http_server_open(). */
struct web *web_open(struct loop *l, struct engine *en, struct error *e) MUST_CHECK;

/** The port it listens on. */
int web_port(const struct web *w) MUST_CHECK;

/** No new connection and no new request; open requests go on. */
void web_drain(struct web *w);

/** Closes and frees; NULL is allowed. */
void web_close(struct web *w);

#endif
