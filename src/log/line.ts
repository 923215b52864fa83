import { messageOf } from "../error/error.ts";
import { Secret } from "./secret.ts";
import type { LogRecord } from "./logger.ts";

// Formatting a time costs more than the rest of a line; records of one millisecond share it.
let lastMs = -1;
let lastText = "";

function timeText(ms: number): string {
  if (ms !== lastMs) {
    lastMs = ms;
    lastText = new Date(ms).toISOString();
  }
  return lastText;
}

/** `time=… level=INFO msg="…" key=value` and a line feed, quoted where logfmt needs it. */
export function formatTextLine(record: LogRecord): string {
  let line = `time=${timeText(record.timeMs)} level=${record.level.toUpperCase()} msg=${quoted(record.message)}`;
  for (const key in record.attributes) {
    const value = record.attributes[key];
    if (value !== undefined) line += ` ${key}=${quoted(attributeText(value))}`;
  }
  return line + "\n";
}

/** One JSON object and a line feed, with `time`, `level`, `msg` and the attributes beside them. */
export function formatJsonLine(record: LogRecord): string {
  const all: [string, unknown][] = [
    ["time", timeText(record.timeMs)],
    ["level", record.level.toUpperCase()],
    ["msg", record.message],
  ];
  for (const key in record.attributes) {
    const value = record.attributes[key];
    if (value === undefined) continue;
    all.push([ownKeys.has(key) ? `${key}_` : key, value instanceof Error ? value.message : value]);
  }
  return encode(all) + "\n";
}

/** Keys of the record itself, which no attribute may replace. */
const ownKeys = new Set(["time", "level", "msg"]);

/** A record is never lost because one value of it cannot be printed, such as an object that holds itself. */
function encode(all: readonly (readonly [string, unknown])[]): string {
  try {
    return JSON.stringify(Object.fromEntries(all), replaceSpecial);
  } catch {
    const shown = all.map(([key, value]) => [key, typeof value === "object" ? printed(value) : value]);
    return JSON.stringify(Object.fromEntries(shown), replaceSpecial);
  }
}

function replaceSpecial(_key: string, value: unknown): unknown {
  if (value instanceof Secret) return value.toString();
  return typeof value === "bigint" ? String(value) : value;
}

function attributeText(value: unknown): string {
  switch (typeof value) {
    case "string":
      return value;
    case "number":
    case "boolean":
    case "bigint":
      return String(value);
    default:
      if (value instanceof Error) return value.message;
      if (value instanceof Secret) return value.toString();
      return printed(value);
  }
}

function printed(value: unknown): string {
  try {
    return JSON.stringify(value, replaceSpecial) ?? "null";
  } catch (error) {
    return `(not printable: ${messageOf(error).split("\n")[0] ?? ""})`;
  }
}

const plain = /^[^\s"=\\\u0000-\u001f\u007f]+$/;

function quoted(text: string): string {
  return plain.test(text) ? text : JSON.stringify(text);
}
