import { messageOf } from "../error/error.ts";
import { formatGoTime } from "../time/go_layout.ts";
import { refusal } from "./failure.ts";
import { outputCharactersMax, printDepthMax } from "./limit.ts";
import { fieldsOf } from "./template_fields.ts";
import { isMap, sortedKeys, type ValueMap } from "./value.ts";

/**
 * Prints a value as a template's output does: text raw, numbers plainly, lists as `[a b]`, maps as `map[k:v]` sorted
 * by key, nil as `<no value>`. Throws `step.template` for data nested or printed beyond the limits.
 */
export function printValue(value: unknown): string {
  return value === undefined || value === null ? "<no value>" : printNested(value);
}

/** Like `printValue`, but nil prints as `<nil>`, as it does inside lists and maps and in `print` and `printf`. */
export function printNested(value: unknown, depth = 0): string {
  switch (typeof value) {
    case "string":
      return value;
    case "number":
      return printNumber(value);
    case "bigint":
    case "boolean":
      return String(value);
    case "undefined":
      return "<nil>";
    case "object":
      return value === null ? "<nil>" : printObject(value, depth);
    default:
      return `<${typeof value}>`;
  }
}

/**
 * Prints a number plainly (`1000000`, `19.5`); an exponent appears below 0.0001 and from 1e21 on, with a sign and at
 * least two digits (`1e-05`).
 */
export function printNumber(value: number): string {
  const size = Math.abs(value);
  if ((size >= 1e-4 && size < 1e21) || size === 0) return String(value);
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
  return padExponent(value.toExponential());
}

/** Writes JavaScript's `1e-5` as `1e-05`. */
export function padExponent(text: string): string {
  const at = text.indexOf("e") + 2;
  return at > 1 && text.length - at < 2 ? `${text.slice(0, at)}0${text.slice(at)}` : text;
}

function printObject(value: object, depth: number): string {
  if (depth > printDepthMax) throw refusal(`cannot print data nested deeper than ${printDepthMax} levels`);
  if (Array.isArray(value)) return printItems("[", value.length, (index) => printNested(value[index], depth + 1));
  if (value instanceof Uint8Array) return printItems("[", value.length, (index) => String(value[index]));
  if (isMap(value)) return printMap(value, depth);
  if (value instanceof Date) return printTime(value);
  if (value instanceof Error) return messageOf(value);
  const print = fieldsOf(value)?.get("String");
  return print === undefined ? "<object>" : String(print(value));
}

function printMap(map: ValueMap, depth: number): string {
  const keys = sortedKeys(map);
  return printItems("map[", keys.length, (index) => {
    const key = keys[index] ?? "";
    return `${key}:${printNested(map[key], depth + 1)}`;
  });
}

function printItems(open: string, count: number, printItem: (index: number) => string): string {
  let text = open;
  for (let index = 0; index < count; index++) {
    text += index === 0 ? printItem(index) : ` ${printItem(index)}`;
    if (text.length > outputCharactersMax) throw refusal(`cannot print more than ${outputCharactersMax} characters`);
  }
  return `${text}]`;
}

function printTime(time: Date): string {
  const epochMs = time.getTime();
  if (Number.isNaN(epochMs)) return "<invalid time>";
  return formatGoTime("2006-01-02 15:04:05.999999999 -0700 MST", epochMs);
}
