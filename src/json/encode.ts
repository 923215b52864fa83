import { jsonDepthMax, tooDeepToWrite } from "./depth.ts";
import { compareUtf8 } from "./key_order.ts";
import { normalize, type Normalized } from "./normalize.ts";

// Escaped so that a JSON text can stand inside an HTML page or a script.
const escapes: ReadonlyMap<string, string> = new Map([
  ["<", "\\u003c"],
  [">", "\\u003e"],
  ["&", "\\u0026"],
  ["\u2028", "\\u2028"],
  ["\u2029", "\\u2029"],
]);
const escapable = /[<>&\u2028\u2029]/;
const escapableAll = /[<>&\u2028\u2029]/g;
const surrogate = /[\ud800-\udfff]/;

/**
 * Writes a value as compact JSON: keys sorted by their UTF-8 bytes, `<` `>` `&` U+2028 U+2029 escaped, dates as
 * RFC 3339, bytes as base64, bigints as digits. Throws `step.failed` below 200 levels, so also for a cycle.
 */
export function encodeJson(value: unknown): string {
  if (typeof value === "string") return encodeText(value);
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : "null";
  // Most values are plain and already in order: then the built-in writer is right and no copy is made.
  const text = isPlain(value, 0) ? (JSON.stringify(value) ?? "null") : encodeNormalized(normalize(value));
  // Code-unit and UTF-8 order differ only beside surrogate pairs; a text without any needs no second look.
  if (surrogate.test(text)) return escaped(encodeNormalized(normalize(value, compareUtf8)));
  return escaped(text);
}

/** How the characters of ASCII are written in a JSON text, by code; undefined for those left to the built-in writer. */
const written: readonly (string | undefined)[] = Array.from({ length: 0x80 }, (_, code) => {
  const character = String.fromCharCode(code);
  return code < 0x20 || code === 0x7f || /["\\]/.test(character) ? undefined : (escapes.get(character) ?? character);
});

// Looking at each character costs a short text a fifth of what the built-in writer and the searches after it do.
function encodeText(text: string): string {
  let encoded = '"';
  let from = 0;
  for (let index = 0; index < text.length; index++) {
    const form = written[text.charCodeAt(index)];
    if (form === undefined) return escaped(JSON.stringify(text));
    if (form.length === 1) continue;
    encoded += text.slice(from, index) + form;
    from = index + 1;
  }
  return `${encoded}${from === 0 ? text : text.slice(from)}"`;
}

/** Writes a value as one line of JSON, with the newline that ends it. */
export function encodeJsonLine(value: unknown): string {
  return `${encodeJson(value)}\n`;
}

function escaped(text: string): string {
  return escapable.test(text) ? text.replace(escapableAll, (found) => escapes.get(found) ?? found) : text;
}

/** Whether the built-in writer gives the wanted text: nothing special inside and every map's keys in order. */
function isPlain(value: unknown, depth: number): boolean {
  if (typeof value !== "object") return typeof value !== "bigint" && typeof value !== "function";
  if (value === null) return true;
  if (depth === jsonDepthMax) throw tooDeepToWrite();
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) if (!isPlain(value[index], depth + 1)) return false;
    return true;
  }
  if (!isPlainObject(value)) return false;
  let previous = "";
  for (const key of Object.keys(value)) {
    if (key < previous || !isPlain(value[key], depth + 1)) return false;
    previous = key;
  }
  return true;
}

function isPlainObject(value: object): value is Record<string, unknown> {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function encodeNormalized({ value, ordered }: Normalized): string {
  return ordered ? (JSON.stringify(value) ?? "null") : write(value);
}

/** The slow writer, for what an object cannot hold in order (keys such as "10") and for bigints. */
function write(value: unknown): string {
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  if (Array.isArray(value)) return `[${value.map(write).join(",")}]`;
  const members: string[] = [];
  for (const [key, member] of Object.entries(value).sort(([a], [b]) => compareUtf8(a, b))) {
    members.push(`${JSON.stringify(key)}:${write(member)}`);
  }
  return `{${members.join(",")}}`;
}
