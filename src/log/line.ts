import { messageOf } from "../error/error.ts";
import { Secret } from "./secret.ts";
import type { LogAttributes, LogLevel, LogRecord } from "./logger.ts";

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
export function formatTextLine({ timeMs, level, message, attributes }: LogRecord): string {
  return `${headText(timeMs, level)}${quoted(message)}${attributesText(attributes)}\n`;
}

let headMs = -1;
let headLevel: LogLevel | undefined;
let head = "";

/** What a line begins with. `join` makes one text of it: a sum would stay a chain of its parts in every line. */
function headText(ms: number, level: LogLevel): string {
  if (ms !== headMs || level !== headLevel) {
    headMs = ms;
    headLevel = level;
    head = ["time=", timeText(ms), " level=", levelText[level], " msg="].join("");
  }
  return head;
}

const levelText: Readonly<Record<LogLevel, string>> = { debug: "DEBUG", info: "INFO", warn: "WARN", error: "ERROR" };

// A logger that is used without attributes of the record's own gives the same object each time.
let lastAttributes: LogAttributes = {};
let lastAttributesText = "";

/** The text of attributes that cannot change is kept until others are asked for. */
function attributesText(attributes: LogAttributes): string {
  if (attributes === lastAttributes) return lastAttributesText;
  const parts: string[] = [];
  for (const key in attributes) {
    const value = attributes[key];
    if (typeof value === "number") parts.push(` ${key}=${value}`);
    else if (value !== undefined) parts.push(` ${key}=${quoted(attributeText(value))}`);
  }
  const text = parts.join("");
  if (Object.isFrozen(attributes) && isSettled(attributes)) {
    lastAttributes = attributes;
    lastAttributesText = text;
  }
  return text;
}

/** Whether attributes say the same later: none is an object, which could change until it is printed. */
export function isSettled(attributes: LogAttributes): boolean {
  for (const key in attributes) if (typeof attributes[key] === "object") return false;
  return true;
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

/** What a character of the lower blocks asks for: 0 nothing, 1 quotes around the text, 2 an escape as well. */
const needs = Uint8Array.from({ length: 0x1680 }, (_, code) => {
  const character = String.fromCharCode(code);
  if (/["\\\u0000-\u001f]/.test(character)) return 2;
  return /[\s=\u007f]/.test(character) ? 1 : 0;
});

const plain = /^[^\s"=\\\u0000-\u001f\u007f]+$/;

// One pass in place of a regular expression and `JSON.stringify`, which took half the time of a request's line.
function quoted(text: string): string {
  let most = text === "" ? 1 : 0;
  for (let index = 0; index < text.length; index++) {
    const need = needs[text.charCodeAt(index)];
    if (need === undefined) return plain.test(text) ? text : JSON.stringify(text);
    if (need > most) most = need;
  }
  if (most === 0) return text;
  return most === 1 ? `"${text}"` : JSON.stringify(text);
}
