#include "clock.h"

#include <time.h>

static int64_t
read_clock(clockid_t which)
{
    struct timespec t = { 0 };

    clock_gettime(which, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t
clock_wall_ms(void)
{
    return read_clock(CLOCK_REALTIME);
}

int64_t
clock_monotonic_ms(void)
{
    return read_clock(CLOCK_MONOTONIC);
}
