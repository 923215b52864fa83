import { compareUtf8 } from "../json/key_order.ts";
import { fail } from "./failure.ts";

/** A JSON value. Whole numbers beyond 2^53 may come as bigint. */
export type Json = null | boolean | number | bigint | string | readonly Json[] | JsonMap;

/** A JSON object. Only its own keys count. */
export interface JsonMap {
  readonly [key: string]: Json;
}

/** A JSON object while it is made. */
export type JsonDraft = Record<string, Json>;

/** The names that `type` gives. */
export type TypeName = "null" | "boolean" | "number" | "string" | "array" | "object";

/** Whether a value is a list. */
export function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

/** Whether a value is an object. */
export function isMap(value: Json): value is JsonMap {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether a value is a number. */
export function isNumber(value: Json): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}

/** The name of a value's type. */
export function typeOf(value: Json): TypeName {
  switch (typeof value) {
    case "string":
      return "string";
    case "boolean":
      return "boolean";
    case "number":
    case "bigint":
      return "number";
    default:
      return value === null ? "null" : isList(value) ? "array" : "object";
  }
}

/** Everything but null and false is true. */
export function isTrue(value: Json): boolean {
  return value !== null && value !== false;
}

/** Sets a key; assigning `__proto__` would change the prototype and lose the value. */
export function setKey(map: JsonDraft, key: string, value: Json): void {
  if (key === "__proto__") {
    Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true });
  } else {
    map[key] = value;
  }
}

/** A copy that may be changed. */
export function copyMap(map: JsonMap): JsonDraft {
  return { ...map };
}

/** The value of a key; null when there is none. */
export function getKey(map: JsonMap, key: string): Json {
  return Object.hasOwn(map, key) ? (map[key] ?? null) : null;
}

/** The keys in the order of their characters, which is the order in which objects are walked. */
export function sortedKeys(map: JsonMap): string[] {
  const keys = Object.keys(map);
  for (let index = 1; index < keys.length; index++) {
    if (compareUtf8(keys[index - 1] ?? "", keys[index] ?? "") > 0) return keys.sort(compareUtf8);
  }
  return keys;
}

/** The values of a list, or of an object in the order of its keys. Fails for anything else. */
export function itemsOf(value: Json): readonly Json[] {
  if (isList(value)) return value;
  if (isMap(value)) return sortedKeys(value).map((key) => getKey(value, key));
  throw fail(`Cannot iterate over ${describe(value)}`);
}

const ranks: Readonly<Record<TypeName, number>> = { null: 0, boolean: 1, number: 3, string: 4, array: 5, object: 6 };

function rank(value: Json): number {
  return value === true ? 2 : ranks[typeOf(value)];
}

/** The order of all values: null, false, true, numbers, strings, lists, objects. NaN is below every number. */
export function compare(a: Json, b: Json): number {
  if (typeof a === "number" && typeof b === "number") return compareNumbers(a, b);
  if (typeof a === "string" && typeof b === "string") return compareUtf8(a, b);
  if (isNumber(a) && isNumber(b)) return compareNumbers(a, b);
  if (isList(a) && isList(b)) return compareLists(a, b);
  if (isMap(a) && isMap(b)) return compareMaps(a, b);
  return rank(a) - rank(b);
}

function compareNumbers(a: number | bigint, b: number | bigint): number {
  if (a < b) return -1;
  if (a > b) return 1;
  if (Number.isNaN(a)) return -1;
  return Number.isNaN(b) ? 1 : 0;
}

function compareLists(a: readonly Json[], b: readonly Json[]): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const order = compare(a[index] ?? null, b[index] ?? null);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function compareMaps(a: JsonMap, b: JsonMap): number {
  const [left, right] = [sortedKeys(a), sortedKeys(b)];
  const order = compareLists(left, right);
  if (order !== 0) return order;
  for (const key of left) {
    const order = compare(getKey(a, key), getKey(b, key));
    if (order !== 0) return order;
  }
  return 0;
}

/** Whether two values are the same. NaN differs from itself. */
export function isEqual(a: Json, b: Json): boolean {
  if (typeof a !== "object" || a === null) {
    return a === b || (typeof a === "bigint" && typeof b === "number" && BigInt(Math.trunc(b)) === a);
  }
  return compare(a, b) === 0;
}

/** How a number is written: the shortest text that gives it back. NaN is null, and infinity the largest number. */
export function numberText(value: number | bigint): string {
  if (typeof value === "bigint") return value.toString();
  if (Number.isFinite(value)) return Object.is(value, -0) ? "-0" : String(value);
  if (Number.isNaN(value)) return "null";
  return value > 0 ? "1.7976931348623157e+308" : "-1.7976931348623157e+308";
}

/** A value as compact JSON with its keys in order. */
export function jsonText(value: Json): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (isNumber(value)) return numberText(value);
  if (isList(value)) return `[${value.map(jsonText).join(",")}]`;
  if (isMap(value)) {
    const members = sortedKeys(value).map((key) => `${JSON.stringify(key)}:${jsonText(getKey(value, key))}`);
    return `{${members.join(",")}}`;
  }
  return String(value);
}

/** Most characters of a value that a message shows. */
const shownMax = 11;

/** The beginning of a value, for messages. */
export function shown(value: Json): string {
  const text = jsonText(value);
  return text.length > shownMax + 3 ? `${text.slice(0, shownMax)}...` : text;
}

/** The type and the beginning of a value, for messages: `string ("abc")`. */
export function describe(value: Json): string {
  return `${typeOf(value)} (${shown(value)})`;
}

/** A value as a plain number. Fails with the given words when it is none. */
export function asNumber(value: Json, what: string): number {
  if (typeof value === "number") return value;
  if (typeof value === "bigint") return Number(value);
  throw fail(`${describe(value)} ${what}`);
}

/** A value as text. Fails with the given words when it is none. */
export function asText(value: Json, what: string): string {
  if (typeof value === "string") return value;
  throw fail(`${describe(value)} ${what}`);
}

/** A value as a list. Fails with the given words when it is none. */
export function asList(value: Json, what: string): readonly Json[] {
  if (isList(value)) return value;
  throw fail(`${describe(value)} ${what}`);
}
