#ifndef SLIPWAY_WIRE_CURL_LOOP_H
#define SLIPWAY_WIRE_CURL_LOOP_H

/**
 * Curl loop: the seam between libcurl's multi interface and libevent; for
 * http_client.c only.
 */

#include <curl/curl.h>

struct loop;
struct curl_loop;

/** `easy` has ended with `code`; called from outside libcurl, so that it may be used freely. */
typedef void curl_ended(CURL *easy, CURLcode code, void *cookie);

struct curl_loop *curl_loop_new(struct loop *l, long connections_host, long connections,
                                curl_ended *ended, void *cookie);

/** All handles must have been removed. */
void curl_loop_free(struct curl_loop *c);

void curl_loop_add(struct curl_loop *c, CURL *easy);
void curl_loop_remove(struct curl_loop *c, CURL *easy);

#endif
