import { fail } from "../failure.ts";
import { asNumber, type Json, typeOf } from "../value.ts";
import { type Builtins, plain, withThree, withTwo } from "./builtin.ts";

const required = "number required";

function unary(apply: (value: number) => number): Builtins[string] {
  return plain((input) => apply(asNumber(input, required)));
}

function binary(apply: (first: number, second: number) => number): Builtins[string] {
  return withTwo((_input, first, second) => apply(asNumber(first, required), asNumber(second, required)));
}

/** Rounds halves to the even neighbour. */
function roundEven(value: number): number {
  const low = Math.floor(value);
  if (value - low !== 0.5) return Math.round(value);
  return low % 2 === 0 ? low : low + 1;
}

/** The fraction from 0.5 to 1 and the power of two that make up a number. */
function fractionAndExponent(value: number): readonly [number, number] {
  if (value === 0 || !Number.isFinite(value)) return [value, 0];
  let exponent = Math.max(-1023, Math.floor(Math.log2(Math.abs(value))) + 1);
  let fraction = value * 2 ** -exponent;
  while (Math.abs(fraction) < 0.5) {
    fraction *= 2;
    exponent--;
  }
  while (Math.abs(fraction) >= 1) {
    fraction /= 2;
    exponent++;
  }
  return [fraction, exponent];
}

// Lanczos' approximation with g = 7 and nine terms, as published by Godfrey; errors are below 1e-13.
const lanczos = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

function lanczosSum(value: number): number {
  return lanczos.reduce((sum, term, index) => (index === 0 ? term : sum + term / (value + index)), 0);
}

function logGamma(value: number): number {
  if (value < 0.5) return Math.log(Math.PI / Math.abs(Math.sin(Math.PI * value))) - logGamma(1 - value);
  const shifted = value - 1;
  const t = shifted + 7.5;
  return 0.5 * Math.log(2 * Math.PI) + (shifted + 0.5) * Math.log(t) - t + Math.log(lanczosSum(shifted));
}

function gamma(value: number): number {
  if (Number.isInteger(value) && value > 0 && value < 24) {
    let product = 1;
    for (let factor = 2; factor < value; factor++) product *= factor;
    return product;
  }
  const sign = value < 0 && Math.floor(value) % 2 !== 0 ? -1 : 1;
  return sign * Math.exp(logGamma(value));
}

function binaryExponent(value: number): number {
  if (value === 0) return Number.NEGATIVE_INFINITY;
  return Number.isFinite(value) ? fractionAndExponent(value)[1] - 1 : Math.abs(value);
}

function significand(value: number): number {
  return value === 0 || !Number.isFinite(value) ? value : fractionAndExponent(value)[0] * 2;
}

/** The remainder of a division whose quotient is rounded to the nearest whole number, halves to even. */
function nearestRemainder(value: number, by: number): number {
  return value - by * roundEven(value / by);
}

function scale(value: number, exponent: number): number {
  // In two halves, because 2 ** 1024 is infinite while the result need not be.
  const half = Math.trunc(exponent / 2);
  return value * 2 ** half * 2 ** (exponent - half);
}

function absolute(input: Json): Json {
  if (typeof input === "bigint") return input < 0n ? -input : input;
  if (typeof input === "number") return Math.abs(input);
  throw fail(`${typeOf(input)} has no absolute value`);
}

function isNormal(value: number): boolean {
  return Number.isFinite(value) && Math.abs(value) >= 2.2250738585072014e-308;
}

/** Filters on numbers. */
export const mathBuiltins: Builtins = {
  "infinite/0": plain(() => Number.POSITIVE_INFINITY),
  "nan/0": plain(() => Number.NaN),
  "null/0": plain(() => null),
  "true/0": plain(() => true),
  "false/0": plain(() => false),
  "type/0": plain(typeOf),
  "isinfinite/0": plain((input) => Math.abs(asNumber(input, required)) === Number.POSITIVE_INFINITY),
  "isnan/0": plain((input) => Number.isNaN(asNumber(input, required))),
  "isnormal/0": plain((input) => isNormal(asNumber(input, required))),
  "abs/0": plain(absolute),
  "now/0": plain((_input, run) => run.now()),
  "have_literal_numbers/0": plain(() => true),
  "have_decnum/0": plain(() => false),
  ...Object.fromEntries(unaryFunctions().map(([name, apply]) => [`${name}/0`, unary(apply)])),
  "pow/2": binary((base, exponent) => base ** exponent),
  "atan2/2": binary(Math.atan2),
  "fmod/2": binary((value, by) => value % by),
  "fmin/2": binary((a, b) => (Number.isNaN(a) ? b : Number.isNaN(b) ? a : Math.min(a, b))),
  "fmax/2": binary((a, b) => (Number.isNaN(a) ? b : Number.isNaN(b) ? a : Math.max(a, b))),
  "fdim/2": binary((a, b) => (a > b ? a - b : 0)),
  "hypot/2": binary(Math.hypot),
  "copysign/2": binary((a, b) => (b < 0 || Object.is(b, -0) ? -Math.abs(a) : Math.abs(a))),
  "drem/2": binary(nearestRemainder),
  "ldexp/2": binary(scale),
  "scalb/2": binary(scale),
  "scalbln/2": binary(scale),
  "fma/3": withThree((_input, [a, b, c]) => asNumber(a, required) * asNumber(b, required) + asNumber(c, required)),
  "frexp/0": plain((input) => fractionAndExponent(asNumber(input, required))),
  "modf/0": plain((input) => {
    const value = asNumber(input, required);
    const whole = Math.trunc(value);
    return [Number.isFinite(value) ? value - whole : 0, whole];
  }),
  "lgamma_r/0": plain((input) => {
    const value = asNumber(input, required);
    return [logGamma(value), gamma(value) < 0 ? -1 : 1];
  }),
};

function unaryFunctions(): (readonly [string, (value: number) => number])[] {
  const { acos, acosh, asin, asinh, atan, atanh, cbrt, ceil, cos, cosh, exp, expm1, floor, log, log10 } = Math;
  const { log1p, log2, round, sin, sinh, sqrt, tan, tanh, trunc } = Math;
  const direct = { acos, acosh, asin, asinh, atan, atanh, cbrt, ceil, cos, cosh, exp, expm1, floor, log, log10 };
  const further = { log1p, log2, sin, sinh, sqrt, tan, tanh, trunc, significand, gamma: logGamma, lgamma: logGamma };
  return [
    ...Object.entries({ ...direct, ...further }),
    // Halves are rounded away from zero.
    ["round", (value) => Math.sign(value) * round(Math.abs(value))],
    ["rint", roundEven],
    ["nearbyint", roundEven],
    ["fabs", Math.abs],
    ["exp2", (value) => 2 ** value],
    ["exp10", (value) => 10 ** value],
    ["pow10", (value) => 10 ** value],
    ["tgamma", gamma],
    ["logb", binaryExponent],
  ];
}
