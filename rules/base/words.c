#include "slipway/deployment.h"
#include "slipway/fact.h"
#include "slipway/order.h"

#include <assert.h>
#include <string.h>

/* ---- states --------------------------------------------------------------------------------- */

static const struct {
    const char *stored, *shown;
    enum state_class class;
} STATES[STATE_COUNT] = {
#define S(symbol, stored, shown, class) [symbol] = { stored, shown, class },
    DEPLOYMENT_STATES(S)
#undef S
};

const char *
state_name(enum state s)
{
    assert(s < STATE_COUNT);
    return STATES[s].stored;
}

const char *
state_phrase(enum state s)
{
    assert(s < STATE_COUNT);
    return STATES[s].shown;
}

enum state_class
state_class(enum state s)
{
    assert(s < STATE_COUNT);
    return STATES[s].class;
}

bool
state_is_ended(enum state s)
{
    return state_class(s) == STATE_ENDED;
}

bool
state_holds_fleet(enum state s)
{
    return s == ROLLING_OUT || s == HALTED || s == ROLLING_BACK || s == ROLLBACK_STUCK;
}

bool
state_parse(struct str name, enum state *out)
{
    for (unsigned s = 0; s < STATE_COUNT; s++) {
        if (str_is(name, STATES[s].stored)) {
            *out = (enum state)s;
            return true;
        }
    }
    return false;
}

/* ---- waves ---------------------------------------------------------------------------------- */

static const char *const WAVE_STATES[WAVE_STATE_COUNT] = {
    [WAVE_NONE] = "none",     [WAVE_DEPLOYING] = "deploying", [WAVE_BAKING] = "baking",
    [WAVE_PASSED] = "passed", [WAVE_HALTED] = "halted",       [WAVE_REVERTED] = "reverted",
};

const char *
wave_state_name(enum wave_state w)
{
    assert(w < WAVE_STATE_COUNT);
    return WAVE_STATES[w];
}

bool
wave_state_parse(struct str name, enum wave_state *out)
{
    for (unsigned w = 0; w < WAVE_STATE_COUNT; w++) {
        if (str_is(name, WAVE_STATES[w])) {
            *out = (enum wave_state)w;
            return true;
        }
    }
    return false;
}

/* ---- facts ---------------------------------------------------------------------------------- */

static const struct {
    const char *stored, *words;
} FACTS[FACT_KIND_COUNT] = {
#define F(symbol, stored, words) [symbol] = { stored, words },
    FACT_KINDS(F)
#undef F
};

const char *
fact_name(enum fact_kind f)
{
    assert(f < FACT_KIND_COUNT);
    return FACTS[f].stored;
}

const char *
fact_phrase(enum fact_kind f)
{
    assert(f < FACT_KIND_COUNT);
    return FACTS[f].words;
}

/* ---- orders --------------------------------------------------------------------------------- */

static const struct {
    const char *stored, *words, *step;
} ORDERS[ORDER_KIND_COUNT] = {
#define O(symbol, stored, words, step) [symbol] = { stored, words, step },
    ORDER_KINDS(O)
#undef O
};

const char *
order_name(enum order_kind o)
{
    assert(o < ORDER_KIND_COUNT);
    return ORDERS[o].stored;
}

const char *
order_phrase(enum order_kind o)
{
    assert(o < ORDER_KIND_COUNT);
    return ORDERS[o].words;
}

const char *
order_step(enum order_kind o)
{
    assert(o < ORDER_KIND_COUNT);
    return ORDERS[o].step;
}

bool
order_parse(struct str name, enum order_kind *out)
{
    for (unsigned o = 0; o < ORDER_KIND_COUNT; o++) {
        if (str_is(name, ORDERS[o].stored)) {
            *out = (enum order_kind)o;
            return true;
        }
    }
    return false;
}

bool
order_is_wait(enum order_kind o)
{
    return o == ORDER_AWAIT_APPROVAL || o == ORDER_AWAIT_OPERATOR;
}

const char *
order_document(enum order_kind o)
{
    static const char *const DOCUMENTS[ORDER_KIND_COUNT] = {
        [ORDER_CONFIRM] = "source",   [ORDER_COMPILE] = "compiled",   [ORDER_PACKAGE] = "package",
        [ORDER_TWIN_DEPLOY] = "twin", [ORDER_TWIN_TEST] = "result",   [ORDER_PLAN] = "plan",
        [ORDER_WAVE_DEPLOY] = "wave", [ORDER_ROLL_BACK] = "rollback",
    };

    assert(o < ORDER_KIND_COUNT);
    return DOCUMENTS[o];
}
