#ifndef SLIPWAY_CONFIG_TREE_H
#define SLIPWAY_CONFIG_TREE_H

/**
 * Tree: a YAML text as nodes that know where they stand.
 *
 * Only the part of YAML that every reader understands in the same way: maps,
 * lists and texts.  Anchors, aliases, tags, merge keys ("<<"), keys that are
 * no text, a key that occurs twice and a second document are refused.  JSON
 * is accepted, for it is a part of YAML.
 * Texts are not interpreted here: 1.10, no and null stay what was written.
 *
 * libyaml's time grows with the square of the depth of flow collections, so
 * that 100,000 brackets keep it busy for 20 s; reading stops at the first
 * event that is too deep.
 */

#include "config/report.h"

#define TREE_DEPTH_MAX 32
#define TREE_MEMBERS_MAX 1000 /* Of one list or map. */

enum node_kind {
    NODE_TEXT,
    NODE_LIST,
    NODE_MAP,
};

struct node {
    enum node_kind kind;
    bool quoted; /* A text in quotes or a block (| or >): surely meant as text. */
    bool flow;   /* A list or map in brackets. */
    struct place at;
    struct str text; /* Owned; NUL-terminated, holds no other NUL. */
    struct str key;  /* Owned; of a map's member, else empty. */
    struct place key_at;
    struct node *first; /* The first member of a list or map. */
    struct node *next;  /* The next member beside this one. */
    size_t count;       /* Members. */
};

/**
 * Reads `text`.  NULL after reporting what is wrong; keys that occur twice
 * are reported and left out, and the tree comes back.  The caller owns it.
 */
struct node *tree_read(struct str text, const struct reporter *r) MUST_CHECK;

/** Frees a node with all in it, wiping its texts, for they may be keys; NULL is allowed. */
void tree_free(struct node *node);

/** The member of map `node` called `key`, or NULL; NULL also if `node` is NULL or no map. */
struct node *node_get(const struct node *node, const char *key) MUST_CHECK;

/** Member `index` of a list, or NULL; NULL also if `node` is NULL or no list. */
struct node *node_item(const struct node *node, size_t index) MUST_CHECK;

/** "a text", "a list", "a map"; for messages. */
const char *node_kind_name(const struct node *node) MUST_CHECK;

#endif
