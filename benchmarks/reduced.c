/* The reduced world of reduced.py in C: the same draws, the same months, the same results. */
#include <math.h>
#include <stdint.h>

#define STAGES 5
typedef struct { double months_left; int64_t stage, alive; } programme;

static uint64_t mix(uint64_t z) {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static double uniform(uint64_t key, uint64_t stream, uint64_t entity, uint64_t when) {
    uint64_t z = mix(key + stream * 0x9E3779B97F4A7C15u);
    z = mix((z ^ key) + entity * 0xD1342543DE82EF95u);
    z = mix((z ^ key) + when * 0x2545F4914F6CDD1Du);
    z = mix(z ^ key);
    return ((double)(z >> 12) + 0.5) * 0x1p-52;
}

void race(uint64_t key, int64_t months, int64_t count, const double *mean_months, const double *pass,
          programme *programmes, double *result) {
    double approved = 0.0, first = INFINITY, sum = 0.0;
    for (int64_t p = 0; p < count; p++) {
        programmes[p].alive = 1;
        programmes[p].stage = 0;
        programmes[p].months_left = mean_months[0] * -log(uniform(key, 1, p, 0));
    }
    for (int64_t month = 0; month < months; month++)
        for (int64_t p = 0; p < count; p++) {
            programme *it = &programmes[p];
            if (!it->alive || (it->months_left -= 1.0) > 0.0) continue;
            if (uniform(key, 2, p, it->stage) >= pass[it->stage]) {
                it->alive = 0;
            } else if (++it->stage == STAGES) {
                it->alive = 0;
                approved += 1.0;
                sum += (double)month;
                if (month < first) first = (double)month;
            } else {
                it->months_left += mean_months[it->stage] * -log(uniform(key, 1, p, it->stage));
            }
        }
    result[0] = approved;
    result[1] = first;
    result[2] = sum;
}
