import { messageOf, type Position } from "../error/error.ts";
import { isPlainMap, ownValue } from "../json/map.ts";
import { compileLinearRegexp } from "../regexp/linear_regexp.ts";
import { nearestName } from "../schema/nearest.ts";
import { type MapNode, type Node, plainValue } from "../schema/node.ts";
import { encodeJson } from "../json/encode.ts";
import { parseJson } from "../json/parse.ts";
import type { NodeReader } from "./node_reader.ts";

/** A place where a value is not what was expected. */
export interface Difference {
  /** Path of the value, such as `response.body.items.0`. */
  readonly path: string;
  /** Where the expectation stands. */
  readonly at: Position;
  readonly expected: string;
  readonly got: string;
}

type Matcher = (operand: Node, actual: unknown, where: Where) => readonly Difference[];

interface Where {
  readonly path: string;
  readonly at: Position;
}

/** Values that stand for many. A map with one key that begins with `$` is one. */
const matchers: ReadonlyMap<string, Matcher> = new Map<string, Matcher>([
  ["$any", (_, actual, where) => (actual === undefined ? [differs(where, "any value", actual)] : [])],
  ["$absent", (_, actual, where) => (actual === undefined ? [] : [differs(where, "nothing", actual)])],
  ["$gt", ordered("more than", (actual, limit) => actual > limit)],
  ["$gte", ordered("at least", (actual, limit) => actual >= limit)],
  ["$lt", ordered("less than", (actual, limit) => actual < limit)],
  ["$lte", ordered("at most", (actual, limit) => actual <= limit)],
  ["$length", (operand, actual, { path, at }) => compare(operand, lengthOf(actual), { path: `${path}.length`, at })],
  ["$contains", contains],
  ["$exact", (operand, actual, where) => compareExactly(operand, actual, where)],
]);

/**
 * Compares a value with what is expected: maps by the keys that are expected, lists entry by entry, `/…/` texts as
 * patterns, and everything else for being the same.
 */
export function compare(expected: Node, actual: unknown, where: Where): readonly Difference[] {
  const at = expected.at;
  if (expected.kind === "list") return compareLists(expected.items, actual, { ...where, at }, compare);
  if (expected.kind === "map") {
    const special = matcherOf(expected);
    if (special !== undefined) return special.matcher(special.operand, actual, { ...where, at });
    if (!isPlainMap(actual)) return [differs({ ...where, at }, "a map", actual)];
    return [...expected.entries].flatMap(([key, entry]) =>
      compare(entry.value, ownValue(actual, key), { path: `${where.path}.${key}`, at: entry.keyAt }),
    );
  }
  const pattern = typeof expected.value === "string" ? patternOf(expected.value) : undefined;
  if (pattern !== undefined && typeof expected.value === "string") {
    const isText = typeof actual === "string" || typeof actual === "number" || typeof actual === "boolean";
    if (isText && compileLinearRegexp(pattern).test(String(actual))) return [];
    return [{ path: where.path, at, expected: expected.value, got: shown(actual) }];
  }
  return Object.is(expected.value, actual) ? [] : [differs({ ...where, at }, shown(expected.value), actual)];
}

/** Compares without patterns, and so that nothing may be in the value beside what is expected. */
export function compareExactly(expected: Node, actual: unknown, where: Where): readonly Difference[] {
  const at = expected.at;
  if (expected.kind === "list") return compareLists(expected.items, actual, { ...where, at }, compareExactly);
  if (expected.kind === "scalar") {
    return Object.is(expected.value, actual) ? [] : [differs({ ...where, at }, shown(expected.value), actual)];
  }
  if (!isPlainMap(actual)) return [differs({ ...where, at }, "a map", actual)];
  const wanted = [...expected.entries].flatMap(([key, entry]) =>
    compareExactly(entry.value, ownValue(actual, key), { path: `${where.path}.${key}`, at: entry.keyAt }),
  );
  const more = Object.keys(actual).filter((key) => !expected.entries.has(key));
  return [...wanted, ...more.map((key) => differs({ path: `${where.path}.${key}`, at }, "nothing", actual[key]))];
}

/** Whether a text contains another one, or matches it when that is written as `/…/`. */
export function textMatches(expected: string, actual: string): boolean {
  const pattern = patternOf(expected);
  return pattern === undefined ? actual.includes(expected) : compileLinearRegexp(pattern).test(actual);
}

/** Reports matchers and patterns in a node that cannot be used. */
export function checkMatchers(node: Node | undefined, reader: NodeReader): void {
  if (node === undefined) return;
  if (node.kind === "list") for (const item of node.items) checkMatchers(item, reader);
  if (node.kind === "map") checkMap(node, reader);
  const pattern = node.kind === "scalar" && typeof node.value === "string" ? patternOf(node.value) : undefined;
  if (pattern === undefined) return;
  try {
    compileLinearRegexp(pattern);
  } catch (error) {
    const hint = "to compare with the text itself, write {$exact: …}";
    reader.problem("config.value", messageOf(error), node.at, hint);
  }
}

function checkMap(node: MapNode, reader: NodeReader): void {
  for (const [key, { keyAt, value }] of node.entries) {
    const isMatcher = key.startsWith("$");
    if (isMatcher && (!matchers.has(key) || node.entries.size > 1)) {
      const near = nearestName(key, matchers.keys());
      const names = [...matchers.keys()].join(", ");
      const hint = near === undefined || near === key ? `matchers stand alone: ${names}` : `did you mean "${near}"?`;
      reader.problem("config.unknown_key", `"${key}" is no matcher`, keyAt, hint);
    }
    if (limits.has(key) && !(value.kind === "scalar" && typeof value.value === "number")) {
      reader.problem("config.value", `${key} takes a number`, value.at);
    }
    if (key !== "$exact") checkMatchers(value, reader);
  }
}

const limits: ReadonlySet<string> = new Set(["$gt", "$gte", "$lt", "$lte"]);

function matcherOf(node: MapNode): { readonly matcher: Matcher; readonly operand: Node } | undefined {
  const [first] = node.entries;
  if (first === undefined || node.entries.size > 1) return undefined;
  const matcher = matchers.get(first[0]);
  return matcher === undefined ? undefined : { matcher, operand: first[1].value };
}

function compareLists(
  items: readonly Node[],
  actual: unknown,
  where: Where,
  each: typeof compare,
): readonly Difference[] {
  if (!Array.isArray(actual)) return [differs(where, "a list", actual)];
  const entries = items.flatMap((item, index) => {
    if (index >= actual.length)
      return [differs({ path: `${where.path}.${index}`, at: item.at }, shown(plainValue(item)), undefined)];
    return each(item, actual[index], { path: `${where.path}.${index}`, at: item.at });
  });
  const more = actual
    .slice(items.length)
    .map((value, index) => differs({ path: `${where.path}.${items.length + index}`, at: where.at }, "nothing", value));
  return [...entries, ...more];
}

function ordered(words: string, holds: (actual: number, limit: number) => boolean): Matcher {
  return (operand, actual, where) => {
    const limit = Number(plainValue(operand));
    return typeof actual === "number" && holds(actual, limit) ? [] : [differs(where, `${words} ${limit}`, actual)];
  };
}

function contains(operand: Node, actual: unknown, where: Where): readonly Difference[] {
  const wanted = plainValue(operand);
  const isIn = Array.isArray(actual)
    ? actual.some((item) => compare(operand, item, where).length === 0)
    : typeof actual === "string" && typeof wanted === "string" && actual.includes(wanted);
  return isIn ? [] : [differs(where, `something that contains ${shown(wanted)}`, actual)];
}

function lengthOf(actual: unknown): number | undefined {
  if (typeof actual === "string" || Array.isArray(actual)) return actual.length;
  return isPlainMap(actual) ? Object.keys(actual).length : undefined;
}

/** The pattern of a text such as `/^ch_/` or `/paid/i`. */
function patternOf(text: string): string | undefined {
  const match = /^\/([^]+)\/(i?)$/.exec(text);
  return match === null ? undefined : `${match[2] === "i" ? "(?i)" : ""}${match[1] ?? ""}`;
}

function differs({ path, at }: Where, expected: string, actual: unknown): Difference {
  return { path, at, expected, got: shown(actual) };
}

const shownMax = 300;

/** A value for people: JSON, cut when it is long. */
export function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = JSON.stringify(value) ?? String(value);
  return text.length > shownMax ? `${text.slice(0, shownMax)}…` : text;
}

/** A value as its JSON reads: dates and bytes become texts. What cannot be written is named by its type. */
export function asJson(value: unknown): unknown {
  if (value === undefined) return undefined;
  try {
    return parseJson(encodeJson(value));
  } catch (error) {
    return `(a ${typeof value} that is no JSON: ${messageOf(error)})`;
  }
}
