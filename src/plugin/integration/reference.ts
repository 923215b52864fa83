import { encodeJson } from "../../json/encode.ts";
import { isPlainMap, ownValue } from "../../json/map.ts";

/** What references of an integration step see. */
export interface Results {
  /** The initial data with each step's result laid over it, by the step's name. */
  readonly values: Readonly<Record<string, unknown>>;
  /** The initial data, which `${data.…}` reads. */
  readonly data: Readonly<Record<string, unknown>>;
}

type Resolve = (results: Results) => unknown;

const reference = /\$\{([^}]+)\}/g;
const wholeReference = /^\$\{([^}]+)\}$/;

/** Compiles a value in which texts may hold `${name}`, `${step.field}` and `${data.field}`. */
export function compileReferences(value: unknown): Resolve {
  if (typeof value === "string") return compileText(value);
  if (Array.isArray(value)) {
    const items = value.map(compileReferences);
    return (results) => items.map((item) => item(results));
  }
  if (!isPlainMap(value)) return () => value;
  const entries = Object.entries(value).map(([key, item]): [string, Resolve] => [key, compileReferences(item)]);
  return (results) => Object.fromEntries(entries.map(([key, resolve]) => [key, resolve(results)]));
}

/** A text that is one reference takes the value as it is; inside a longer text it becomes text. */
function compileText(text: string): Resolve {
  const whole = wholeReference.exec(text)?.[1];
  if (whole !== undefined) {
    const path = whole.split(".");
    return (results) => lookUp(path, results) ?? text;
  }
  if (!text.includes("${")) return () => text;
  return (results) =>
    text.replaceAll(reference, (written, inner: string) => textOf(lookUp(inner.split("."), results)) ?? written);
}

/** Undefined for what is not there: the reference then stays as it is written. */
function lookUp(path: readonly string[], { values, data }: Results): unknown {
  const found = follow(values, path);
  if (found !== undefined) return found;
  const [first, ...rest] = path;
  return first === "data" ? follow(data, rest) : undefined;
}

function follow(start: unknown, path: readonly string[]): unknown {
  let value: unknown = start;
  for (const key of path) {
    value = Array.isArray(value) && /^\d+$/.test(key) ? value[Number(key)] : ownValue(value, key);
  }
  return value;
}

function textOf(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  return typeof value === "object" ? encodeJson(value) : String(value);
}
