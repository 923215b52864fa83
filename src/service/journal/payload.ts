import { WorkflowError } from "../../error/error.ts";
import { isPlainMap } from "../../json/map.ts";

// JSON has no times, bytes or large integers, and a resumed run must see what it saw before: such values are written as
// a map with one key that begins with `$`. A map of the run that looks like one is wrapped in `$map`.

/** Text of a value that the journal keeps. Throws `run.not_serialisable` with the path of what cannot be kept. */
export function encodeValue(value: unknown): string {
  try {
    return JSON.stringify(isPlainJson(value, 0) ? value : tagged(value, [])) ?? "null";
  } catch (error) {
    if (error instanceof WorkflowError) throw error;
    throw new WorkflowError("run.not_serialisable", "the value cannot be written as JSON", { cause: error });
  }
}

/** The value of a text made by `encodeValue`. */
export function decodeValue(text: string): unknown {
  const value: unknown = JSON.parse(text);
  return text.includes('"$') ? untagged(value) : value;
}

/** Deeper values are taken for circular ones. */
const depthMax = 1000;

/** Whether JSON alone gives the value back. */
function isPlainJson(value: unknown, depth: number): boolean {
  switch (typeof value) {
    case "string":
    case "boolean":
    case "undefined":
      return true;
    case "number":
      return Number.isFinite(value);
    case "object": {
      if (value === null) return true;
      if (depth > depthMax) return false;
      if (Array.isArray(value)) return value.every((item) => item !== undefined && isPlainJson(item, depth + 1));
      if (!isPlainMap(value)) return false;
      for (const key in value) {
        if (key.charCodeAt(0) === 0x24 || !isPlainJson(value[key], depth + 1)) return false;
      }
      return true;
    }
    default:
      return false;
  }
}

function tagged(value: unknown, path: readonly (string | number)[]): unknown {
  if (path.length > depthMax) throw unserialisable("it refers to itself or is nested too deeply", path.slice(0, 8));
  switch (typeof value) {
    case "bigint":
      return { $int: value.toString() };
    case "number":
      return Number.isFinite(value) ? value : { $number: String(value) };
    case "function":
    case "symbol":
      throw unserialisable(`it is a ${typeof value}`, path);
    case "object":
      return value === null ? null : taggedObject(value, path);
    default:
      return value;
  }
}

function taggedObject(value: object, path: readonly (string | number)[]): unknown {
  if (value instanceof Date) return { $time: value.toISOString() };
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString("base64") };
  if (Array.isArray(value)) return value.map((item, index) => tagged(item ?? null, [...path, index]));
  if (!isPlainMap(value)) throw unserialisable(`it is a ${value.constructor?.name ?? "special object"}`, path);
  const entries = Object.entries(value).map(([key, inner]) => [key, tagged(inner, [...path, key])] as const);
  const map = Object.fromEntries(entries);
  return entries.some(([key]) => key.startsWith("$")) ? { $map: map } : map;
}

function untagged(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(untagged);
  if (!isPlainMap(value)) return value;
  const [only, ...more] = Object.entries(value);
  if (only !== undefined && more.length === 0) {
    const [tag, inner] = only;
    if (tag === "$map" && isPlainMap(inner)) return mapped(inner);
    if (typeof inner === "string") {
      if (tag === "$int") return BigInt(inner);
      if (tag === "$number") return Number(inner);
      if (tag === "$time") return new Date(inner);
      if (tag === "$bytes") return new Uint8Array(Buffer.from(inner, "base64"));
    }
  }
  return mapped(value);
}

function mapped(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, untagged(inner)]));
}

function unserialisable(why: string, path: readonly (string | number)[]): WorkflowError {
  const where = path.length === 0 ? "the value" : `the value at ${path.join(".")}`;
  return new WorkflowError("run.not_serialisable", `${where} cannot be kept in the journal: ${why}`);
}
