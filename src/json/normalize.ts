import { formatRfc3339Nano } from "../time/rfc3339.ts";
import { jsonDepthMax, tooDeepToWrite } from "./depth.ts";

/** A copy made only of maps, lists and scalars, ready for a JSON writer. */
export interface Normalized {
  readonly value: unknown;
  /** Whether `JSON.stringify` would write the copy with its keys in order. */
  readonly ordered: boolean;
}

type Compare = (a: string, b: string) => number;

interface Walk {
  readonly compare: Compare | undefined;
  ordered: boolean;
}

/**
 * Copies a value with its maps in key order and dates, bytes, `Map`s and objects with `toJSON` replaced by what JSON
 * has for them. Throws `step.failed` below 200 levels.
 */
export function normalize(value: unknown, compare?: Compare): Normalized {
  const walk: Walk = { compare, ordered: true };
  const copy = visit(value, "", 0, walk);
  return { value: copy, ordered: walk.ordered };
}

function visit(value: unknown, key: string, depth: number, walk: Walk): unknown {
  if (typeof value === "bigint") walk.ordered = false;
  if (typeof value !== "object" || value === null) return value;
  if (depth === jsonDepthMax) throw tooDeepToWrite();
  if (Array.isArray(value)) return visitList(value, depth, walk);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : formatRfc3339Nano(value.getTime());
  if (value instanceof Uint8Array) return value.toBase64();
  if (value instanceof ArrayBuffer) return new Uint8Array(value).toBase64();
  // Defines members instead of assigning them, so that a key "__proto__" is kept as data.
  if (value instanceof Map) return visitMembers(Object.fromEntries(value), depth, walk);
  // `toJSON` counts as a level, or an object whose `toJSON` answers itself would never end.
  if (hasToJson(value)) return visit(value.toJSON(key), key, depth + 1, walk);
  return isRecord(value) ? visitMembers(value, depth, walk) : null;
}

/** Fills holes too, which a writer would otherwise skip. */
function visitList(list: readonly unknown[], depth: number, walk: Walk): unknown[] {
  return Array.from(list, (item, index) => visit(item, String(index), depth + 1, walk));
}

function visitMembers(members: Readonly<Record<string, unknown>>, depth: number, walk: Walk): Record<string, unknown> {
  const keys = Object.keys(members).sort(walk.compare);
  const copy: Record<string, unknown> = {};
  for (const key of keys) {
    const member = visit(members[key], key, depth + 1, walk);
    if (!isWritten(member)) continue;
    // Assigning "__proto__" would change the prototype and lose the member.
    if (key === "__proto__") Object.defineProperty(copy, key, { value: member, enumerable: true });
    else copy[key] = member;
    if (walk.ordered && keys.length > 1 && startsWithDigit(key)) walk.ordered = false;
  }
  return copy;
}

/** JSON leaves out of a map what it has no text for. A function called `toJSON` would otherwise be called. */
function isWritten(member: unknown): boolean {
  return member !== undefined && typeof member !== "function" && typeof member !== "symbol";
}

/** Keys that look like array indexes are always enumerated first and by number, whatever the order of insertion. */
function startsWithDigit(key: string): boolean {
  const code = key.charCodeAt(0);
  return code >= 48 && code <= 57;
}

function isRecord(value: object): value is Record<string, unknown> {
  return !Array.isArray(value);
}

function hasToJson(value: object): value is { toJSON(key: string): unknown } {
  return "toJSON" in value && typeof value.toJSON === "function";
}
