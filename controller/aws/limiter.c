#include "aws/limiter.h"

int64_t
limiter_wait_ms(struct limiter *l, int64_t now_ms)
{
    if (l->per_second <= 0)
        return 0;
    if (l->at_ms == 0)
        l->permits = l->burst;
    else if (now_ms > l->at_ms)
        l->permits += (double)(now_ms - l->at_ms) * l->per_second / 1000;
    if (l->permits > l->burst)
        l->permits = l->burst;
    l->at_ms = now_ms;
    if (l->permits >= 1)
        return 0;
    return (int64_t)((1 - l->permits) * 1000 / l->per_second) + 1;
}

void
limiter_take(struct limiter *l)
{
    if (l->per_second > 0)
        l->permits -= 1;
}
