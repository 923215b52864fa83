import { fail, type Failure } from "./failure.ts";
import type { Run } from "./run.ts";
import {
  describe,
  getKey,
  isEqual,
  isList,
  isMap,
  isNumber,
  type Json,
  type JsonDraft,
  type JsonMap,
  setKey,
} from "./value.ts";

function cannot(left: Json, right: Json, what: string): Failure {
  return fail(`${describe(left)} and ${describe(right)} cannot be ${what}`);
}

/** Numbers of which one is a bigint: exact while both are whole, else as doubles. */
function calculate(
  left: number | bigint,
  right: number | bigint,
  exact: (a: bigint, b: bigint) => bigint,
  rough: (a: number, b: number) => number,
): number | bigint {
  const isWhole = (value: number | bigint): boolean => typeof value === "bigint" || Number.isSafeInteger(value);
  if (!isWhole(left) || !isWhole(right)) return rough(Number(left), Number(right));
  const result = exact(BigInt(left), BigInt(right));
  const asNumber = Number(result);
  // Beyond 309 digits a double is infinite, and exact digits would grow without bound.
  return Number.isSafeInteger(asNumber) || !Number.isFinite(asNumber) ? asNumber : result;
}

/** `+`: numbers, texts, lists and objects; null is neutral. */
export function add(left: Json, right: Json, run: Run): Json {
  if (left === null) return right;
  if (right === null) return left;
  if (typeof left === "number" && typeof right === "number") return left + right;
  if (typeof left === "string" && typeof right === "string") {
    run.spendLength(left.length + right.length);
    return left + right;
  }
  if (isNumber(left) && isNumber(right))
    return calculate(
      left,
      right,
      (a, b) => a + b,
      (a, b) => a + b,
    );
  if (isList(left) && isList(right)) {
    run.spendLength(left.length + right.length);
    return left.concat(right);
  }
  if (isMap(left) && isMap(right)) {
    const joined = { ...left, ...right };
    run.spendLength(Object.keys(right).length);
    return joined;
  }
  throw cannot(left, right, "added");
}

/** `-`: numbers, or the items of a list that are not in another. */
export function subtract(left: Json, right: Json, run: Run): Json {
  if (isNumber(left) && isNumber(right))
    return calculate(
      left,
      right,
      (a, b) => a - b,
      (a, b) => a - b,
    );
  if (isList(left) && isList(right)) {
    return left.filter((item) => {
      run.spend(right.length);
      return !right.some((other) => isEqual(item, other));
    });
  }
  throw cannot(left, right, "subtracted");
}

/** `*`: numbers; a text as often as a number says; two objects, merged at every level. */
export function multiply(left: Json, right: Json, run: Run): Json {
  if (isNumber(left) && isNumber(right))
    return calculate(
      left,
      right,
      (a, b) => a * b,
      (a, b) => a * b,
    );
  if (typeof left === "string" && isNumber(right)) return repeat(left, Number(right), run);
  if (isNumber(left) && typeof right === "string") return repeat(right, Number(left), run);
  if (isMap(left) && isMap(right)) return merge(left, right, run);
  throw cannot(left, right, "multiplied");
}

function repeat(text: string, times: number, run: Run): Json {
  if (!(times > 0)) return null;
  const count = Math.max(1, Math.floor(times));
  run.spendLength(text.length * count);
  return text.repeat(count);
}

function merge(left: JsonMap, right: JsonMap, run: Run): JsonMap {
  const merged: JsonDraft = { ...left };
  for (const key of Object.keys(right)) {
    run.spend();
    const [old, value] = [getKey(left, key), getKey(right, key)];
    setKey(merged, key, isMap(old) && isMap(value) ? merge(old, value, run) : value);
  }
  return merged;
}

/** `/`: numbers, or a text taken apart at another. */
export function divide(left: Json, right: Json, run: Run): Json {
  if (isNumber(left) && isNumber(right)) {
    if (Number(right) === 0) throw cannot(left, right, "divided because the divisor is zero");
    return Number(left) / Number(right);
  }
  if (typeof left === "string" && typeof right === "string") return split(left, right, run);
  throw cannot(left, right, "divided");
}

/** `%`: the remainder of whole numbers, with the sign of the left one. */
export function remainder(left: Json, right: Json): Json {
  if (!isNumber(left) || !isNumber(right)) throw cannot(left, right, "divided");
  const [dividend, divisor] = [Number(left), Number(right)];
  if (Number.isNaN(dividend) || Number.isNaN(divisor)) return Number.NaN;
  if (Math.trunc(divisor) === 0) throw cannot(left, right, "divided (remainder) because the divisor is zero");
  // Adding zero turns -0 into 0.
  if (isSmall(left) && isSmall(right)) return (Math.trunc(dividend) % Math.trunc(divisor)) + 0;
  const result = wholeOf(left) % wholeOf(right);
  return Number.isSafeInteger(Number(result)) ? Number(result) : result;
}

function isSmall(value: number | bigint): boolean {
  return typeof value === "number" && Math.abs(value) <= Number.MAX_SAFE_INTEGER;
}

const int64Max = 2n ** 63n - 1n;

/** The whole part of a number; infinity is the largest of 64 bits. */
function wholeOf(value: number | bigint): bigint {
  if (typeof value === "bigint") return value;
  if (Number.isFinite(value)) return BigInt(Math.trunc(value));
  return value > 0 ? int64Max : -int64Max - 1n;
}

/** A text taken apart at another; between all characters when that is empty. */
export function split(text: string, separator: string, run: Run): string[] {
  run.spendLength(text.length);
  if (text === "") return [];
  return separator === "" ? Array.from(text) : text.split(separator);
}

/** The negative of a number. */
export function negate(value: Json): Json {
  if (typeof value === "number" || typeof value === "bigint") return -value;
  throw fail(`${describe(value)} cannot be negated`);
}
