#ifndef SLIPWAY_TESTS_WIRE_SERVER_H
#define SLIPWAY_TESTS_WIRE_SERVER_H

/**
 * Wire server: a server on loopback that answers what a test says, byte by
 * byte, right or wrong.  One thread a connection; the test's function is
 * called under a lock, once a request.
 */

#define WIRE_REQUESTS_MAX 4096
#define WIRE_REQUEST_SIZE (1 << 20)

enum wire_after {
    WIRE_KEEP,    /* The connection stays open for the next request. */
    WIRE_CLOSE,   /* Close after the bytes. */
    WIRE_HANG,    /* Say nothing more, keep the connection. */
    WIRE_ENDLESS, /* Repeat the bytes until the client goes. */
};

struct wire_reply {
    char *bytes; /* malloc()ed or NULL: none; freed by the server. */
    int delay_ms;
    enum wire_after after;
};

struct wire_server;

/** Answers the `nth` request (from 0) that the server has seen. */
typedef struct wire_reply wire_answer(void *cookie, int nth, const char *request);

struct wire_server *wire_server_start(wire_answer *answer, void *cookie);
void wire_server_stop(struct wire_server *s);
int wire_port(const struct wire_server *s);

/** "http://127.0.0.1:<port>"; valid as long as the server. */
const char *wire_url(const struct wire_server *s);

/** How many connections it has taken; how many requests it has seen. */
int wire_connections(struct wire_server *s);
int wire_requests(struct wire_server *s);

/** A whole answer: status line, `headers` ("A: b\r\n" lines), Content-Length and `body`. */
struct wire_reply wire_reply(int status, const char *headers, const char *body);

/** Bytes as they are. */
struct wire_reply wire_bytes(const char *bytes, enum wire_after after);

#endif
