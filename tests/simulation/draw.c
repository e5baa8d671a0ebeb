#include "draw.h"

/* SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014). */
static uint64_t
scramble(uint64_t z)
{
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

uint64_t
mix(uint64_t a, uint64_t b)
{
    return scramble(scramble(a + UINT64_C(0x9e3779b97f4a7c15)) ^ b);
}

struct draw
draw_from(uint64_t seed)
{
    return (struct draw){ mix(seed, 1) };
}

int64_t
draw_below(struct draw *d, int64_t n)
{
    d->state += UINT64_C(0x9e3779b97f4a7c15);
    return (int64_t)(scramble(d->state) % (uint64_t)n);
}

int64_t
draw_between(struct draw *d, int64_t low, int64_t high)
{
    return low + draw_below(d, high - low + 1);
}

bool
draw_chance(struct draw *d, int64_t permille)
{
    return draw_below(d, 1000) < permille;
}
