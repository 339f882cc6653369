/* Halves as their bits: a sign, so many bits of exponent, so many of fraction; rounded to nearest, ties to even. */
#ifndef AT_EMULATED_HALVES_H
#define AT_EMULATED_HALVES_H

#include <math.h>
#include <stdint.h>

template <int EXPONENT_BITS, int FRACTION_BITS> struct at_emulated_half {
  uint16_t bits;

  static const int BIAS = (1 << (EXPONENT_BITS - 1)) - 1;
  static const int LARGEST = (1 << EXPONENT_BITS) - 1;

  static at_emulated_half of(float x) {
    const uint16_t sign = signbit(x) ? 0x8000 : 0;
    if (isnan(x)) return {(uint16_t)(sign | LARGEST << FRACTION_BITS | 1)};
    int exponent;
    frexpf(x, &exponent);
    /* Of the last bit kept: the exponent's range has a lower end. */
    const int unit = fmaxf(exponent - 1, 1 - BIAS) - FRACTION_BITS;
    const float rounded = isinf(x) || x == 0 ? fabsf(x) : ldexpf(nearbyintf(ldexpf(fabsf(x), -unit)), unit);
    if (rounded >= ldexpf(2, BIAS)) return {(uint16_t)(sign | LARGEST << FRACTION_BITS)};
    if (rounded < ldexpf(1, 1 - BIAS)) return {(uint16_t)(sign | (uint16_t)ldexpf(rounded, BIAS - 1 + FRACTION_BITS))};
    const float fraction = frexpf(rounded, &exponent);
    return {(uint16_t)(sign | (exponent - 1 + BIAS) << FRACTION_BITS |
                       (uint16_t)ldexpf(2 * fraction - 1, FRACTION_BITS))};
  }

  float value() const {
    const int exponent = bits >> FRACTION_BITS & LARGEST;
    const int fraction = bits & ((1 << FRACTION_BITS) - 1);
    const float sign = bits & 0x8000 ? -1 : 1;
    if (exponent == LARGEST) return fraction == 0 ? sign * INFINITY : NAN;
    return sign * ldexpf(fraction + (exponent > 0 ? 1 << FRACTION_BITS : 0), (exponent > 0 ? exponent : 1) - BIAS - FRACTION_BITS);
  }
};

#endif
