/* Signed decisions, message ids used up, and the quarantine. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include <openssl/sha.h>

#include "statement.h"

static void
digest_of(struct str body, char hex[65])
{
    unsigned char hash[SHA256_DIGEST_LENGTH];

    SHA256((const unsigned char *)body.at, body.len, hash);
    for (size_t i = 0; i < sizeof(hash); i++)
        snprintf(hex + i * 2, 3, "%02x", hash[i]);
}

/* ---- decisions ------------------------------------------------------------------------------ */

/* Uses the message id up; else says whether it came with the same body before. */
static bool
use_message(struct store *s, const struct signed_decision *d, int64_t at_ms,
            enum decision_novelty *novelty, struct error *e)
{
    sqlite3_stmt *put = statement(s, QUERY_MESSAGE_INSERT),
                 *look = statement(s, QUERY_MESSAGE_LOAD);
    char digest[65];
    int added;
    bool row;

    digest_of(d->body, digest);
    bind_text(put, ":id", d->message_id);
    bind_int(put, ":at_ms", at_ms);
    bind_text(put, ":digest", digest);
    bind_int(put, ":counts", d->counts);
    if (!statement_run(s, put, &added, e))
        return false;
    *novelty = DECISION_NEW;
    if (added == 1)
        return true;
    bind_text(look, ":id", d->message_id);
    if (!statement_step(s, look, &row, e))
        return false;
    if (!row || strcmp(column_text(look, 0), digest) != 0)
        *novelty = DECISION_REPLAYED;
    else
        *novelty = sqlite3_column_int(look, 1) != 0 ? DECISION_REPEATED : DECISION_REFUSED;
    if (row)
        statement_end(look);
    return true;
}

bool
store_decision(struct store *s, const struct signed_decision *d, int64_t at_ms,
               enum decision_novelty *novelty, struct error *e)
{
    sqlite3_stmt *q = statement(s, QUERY_DECISION_INSERT);
    int added;

    assert(s->open);
    if (!use_message(s, d, at_ms, novelty, e))
        return error_while(e, "record a decision");
    if (*novelty != DECISION_NEW || !d->counts)
        return true;
    bind_int(q, ":deployment_id", d->deployment_id);
    bind_int(q, ":generation", d->generation);
    bind_text(q, ":approver", d->approver);
    bind_text(q, ":decision", d->decision);
    bind_text(q, ":digest", d->digest);
    bind_int(q, ":at_ms", at_ms);
    bind_text(q, ":message_id", d->message_id);
    bind_text(q, ":signature", d->signature);
    bind_str(q, ":body", d->body);
    if (!statement_run(s, q, &added, e))
        return error_while(e, "record a decision");
    if (added == 0)
        *novelty = DECISION_SAME_PERSON;
    return true;
}

bool
store_messages_forget(struct store *s, int64_t before_ms, struct error *e)
{
    sqlite3_stmt *q = statement(s, QUERY_MESSAGE_FORGET);

    bind_int(q, ":before_ms", before_ms);
    return statement_run(s, q, NULL, e);
}

/* ---- quarantine ----------------------------------------------------------------------------- */

bool
store_quarantine(struct store *s, struct str body, const char *reason, int64_t at_ms, int64_t max,
                 struct error *e)
{
    sqlite3_stmt *put = statement(s, QUERY_QUARANTINE_INSERT);
    sqlite3_stmt *trim = statement(s, QUERY_QUARANTINE_TRIM);
    /* Enough of it to see what it was; the digest is of all of it. */
    size_t kept = body.len < 65536 ? body.len : 65536;
    char digest[65];

    digest_of(body, digest);
    bind_text(put, ":digest", digest);
    bind_int(put, ":at_ms", at_ms);
    bind_text(put, ":reason", reason);
    bind_blob(put, ":body", body.len > 0 ? body.at : "", kept);
    bind_int(trim, ":max", max);
    if (!statement_run(s, put, NULL, e) || !statement_run(s, trim, NULL, e))
        return error_while(e, "quarantine a message");
    return true;
}
