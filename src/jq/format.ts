import { fail } from "./failure.ts";
import type { Run } from "./run.ts";
import { describe, isList, type Json, jsonText } from "./value.ts";

/** Turns a value into text. */
export type Format = (value: Json, run: Run) => string;

const formats: ReadonlyMap<string, Format> = new Map<string, Format>([
  ["text", textOf],
  ["json", counted(jsonText)],
  ["html", (value, run) => textOf(value, run).replace(/[<>&'"]/g, (found) => htmlEscapes.get(found) ?? found)],
  ["uri", (value, run) => percentEncode(textOf(value, run))],
  ["urid", (value, run) => percentDecode(value, textOf(value, run))],
  ["csv", (value) => row(value, "csv").map(csvCell).join(",")],
  ["tsv", (value) => row(value, "tsv").map(tsvCell).join("\t")],
  ["sh", (value) => (isList(value) ? value : [value]).map(shellWord).join(" ")],
  ["base64", (value, run) => new TextEncoder().encode(textOf(value, run)).toBase64()],
  ["base32", (value, run) => encodeBase32(new TextEncoder().encode(textOf(value, run)))],
  ["base32d", (value, run) => decodeBase32(value, textOf(value, run))],
  ["base64d", (value, run) => decodeBase64(value, textOf(value, run))],
]);

const htmlEscapes: ReadonlyMap<string, string> = new Map([
  ["<", "&lt;"],
  [">", "&gt;"],
  ["&", "&amp;"],
  ["'", "&#39;"],
  ['"', "&quot;"],
]);

/** Whether there is a format of that name. */
export function isFormat(name: string): boolean {
  return formats.has(name);
}

/** The format of that name, or an error of the program when there is none. */
export function formatNamed(name: string): Format {
  const format = formats.get(name);
  if (format === undefined) throw fail(`${name} is not a valid format`);
  return format;
}

/** A text as it is; anything else as JSON. */
export function textOf(value: Json, run: Run): string {
  return typeof value === "string" ? value : counted(jsonText)(value, run);
}

function counted(write: (value: Json) => string): Format {
  return (value, run) => {
    const text = write(value);
    run.spendLength(text.length);
    return text;
  };
}

function percentEncode(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (found) => `%${found.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function percentDecode(value: Json, text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) throw fail(`${describe(value)} is not a valid uri encoding`);
    throw error;
  }
}

function row(value: Json, name: string): readonly Json[] {
  if (isList(value)) return value;
  throw fail(`${describe(value)} cannot be ${name}-formatted, only an array can be`);
}

function cell(value: Json, quoted: (text: string) => string): string {
  if (value === null) return "";
  if (typeof value === "string") return quoted(value);
  if (typeof value === "object") throw fail(`${describe(value)} is not valid in a csv row`);
  return jsonText(value);
}

function csvCell(value: Json): string {
  return cell(value, (text) => `"${text.replaceAll('"', '""')}"`);
}

const tsvEscapes: ReadonlyMap<string, string> = new Map([
  ["\\", "\\\\"],
  ["\t", "\\t"],
  ["\n", "\\n"],
  ["\r", "\\r"],
]);

function tsvCell(value: Json): string {
  return cell(value, (text) => text.replace(/[\\\t\n\r]/g, (found) => tsvEscapes.get(found) ?? found));
}

function shellWord(value: Json): string {
  if (typeof value === "string") return `'${value.replaceAll("'", String.raw`'\''`)}'`;
  if (typeof value === "object" && value !== null) throw fail(`${describe(value)} can not be escaped for shell`);
  return jsonText(value);
}

function decodeBase64(value: Json, text: string): string {
  const digits = text.replace(/=*$/, "");
  if (!/^[A-Za-z0-9+/]*$/.test(digits)) throw fail(`${describe(value)} is not valid base64 data`);
  if (digits.length % 4 === 1) throw fail(`${describe(value)} trailing base64 byte found`);
  return new TextDecoder().decode(Uint8Array.fromBase64(digits, { lastChunkHandling: "loose" }));
}

const base32Digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** RFC 4648 §6. */
function encodeBase32(bytes: Uint8Array): string {
  let [text, bits, held] = ["", 0, 0];
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xfff;
    for (bits += 8; bits >= 5; bits -= 5) text += base32Digits[(held >> (bits - 5)) & 31] ?? "";
  }
  if (bits > 0) text += base32Digits[(held << (5 - bits)) & 31] ?? "";
  return text.padEnd(Math.ceil(text.length / 8) * 8, "=");
}

function decodeBase32(value: Json, text: string): string {
  const bytes: number[] = [];
  let [bits, held] = [0, 0];
  for (const char of text.replace(/=*$/, "")) {
    const digit = base32Digits.indexOf(char);
    if (digit < 0) throw fail(`${describe(value)} is not valid base32 data`);
    held = ((held << 5) | digit) & 0xfff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push((held >> bits) & 255);
  }
  return new TextDecoder().decode(Uint8Array.from(bytes));
}
