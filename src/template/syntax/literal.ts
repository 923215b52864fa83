import type { NumberKind } from "../define_function.ts";

/** A number literal, or the reason why the text is none. */
export type NumberLiteral =
  { readonly value: number | bigint; readonly numberKind: NumberKind } | { readonly problem: string };

/** Reads a Go number literal: `1_000`, `0x1F`, `0o7`, `017`, `0b1`, `1.5e3`, `0x1p4`, with an optional sign. */
export function readNumber(text: string): NumberLiteral {
  const negative = text.startsWith("-");
  const unsigned = negative || text.startsWith("+") ? text.slice(1) : text;
  const plain = unsigned.replaceAll("_", "").toLowerCase();
  if (!underscoresFit(unsigned)) return { problem: `illegal number syntax: ${JSON.stringify(text)}` };
  const isHex = plain.startsWith("0x");
  const isFloat = isHex ? /[.p]/.test(plain) : /[.e]/.test(plain);
  if (isFloat) {
    const value = isHex ? readHexFloat(plain) : readDecimalFloat(plain);
    if (value === undefined) return { problem: `bad number syntax: ${JSON.stringify(text)}` };
    return { value: negative ? -value : value, numberKind: "float64" };
  }
  const digits = /^0[0-7]+$/.test(plain) ? `0o${plain.slice(1)}` : plain;
  if (!/^(0x[0-9a-f]+|0o[0-7]+|0b[01]+|0|[1-9][0-9]*)$/.test(digits)) {
    return { problem: `bad number syntax: ${JSON.stringify(text)}` };
  }
  const exact = negative ? -BigInt(digits) : BigInt(digits);
  if (BigInt.asIntN(64, exact) !== exact) return { problem: `integer overflow: ${JSON.stringify(text)}` };
  const value = Number(exact);
  return { value: Number.isSafeInteger(value) ? value : exact, numberKind: "int" };
}

/** An underscore may stand between digits and after a base prefix (Go language specification, integer literals). */
function underscoresFit(text: string): boolean {
  if (!text.includes("_")) return true;
  return /^(0[xob]_?|0_)?[0-9a-f.]+(_[0-9a-f.]+)*([ep][+-]?[0-9]+(_[0-9]+)*)?$/i.test(text) && !/_\.|\._/.test(text);
}

function readDecimalFloat(text: string): number | undefined {
  return /^([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]+)?$/.test(text) ? Number(text) : undefined;
}

function readHexFloat(text: string): number | undefined {
  const match = /^0x([0-9a-f]*)\.?([0-9a-f]*)p([+-]?[0-9]+)$/.exec(text);
  if (match === null) return undefined;
  const [, whole = "", fraction = "", exponent = "0"] = match;
  if (whole + fraction === "") return undefined;
  return Number(BigInt(`0x${whole}${fraction}`)) * 2 ** (Number(exponent) - 4 * fraction.length);
}

const simpleEscapes: ReadonlyMap<string, number> = new Map([
  ["a", 7],
  ["b", 8],
  ["f", 12],
  ["n", 10],
  ["r", 13],
  ["t", 9],
  ["v", 11],
  ["\\", 92],
]);
const digitEscapes: ReadonlyMap<string, number> = new Map([
  ["x", 2],
  ["u", 4],
  ["U", 8],
]);

/** Reads what stands between the quotes of a Go string or character literal; undefined when an escape is wrong. */
export function unquote(content: string, quote: string): string | undefined {
  if (!content.includes("\\")) return content;
  let result = "";
  let bytes: number[] = [];
  let at = 0;
  while (at < content.length) {
    const escape = content[at] === "\\" ? readEscape(content, at + 1, quote) : undefined;
    if (content[at] === "\\" && escape === undefined) return undefined;
    if (escape?.isByte === true) {
      bytes.push(escape.code);
    } else {
      // Bytes written one by one may form a character, so they are decoded together.
      if (bytes.length > 0) result += decodeBytes(bytes);
      bytes = [];
      result += escape === undefined ? content[at] : String.fromCodePoint(escape.code);
    }
    at = escape?.end ?? at + 1;
  }
  return bytes.length > 0 ? result + decodeBytes(bytes) : result;
}

function decodeBytes(bytes: readonly number[]): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.from(bytes));
}

interface Escape {
  readonly code: number;
  readonly isByte: boolean;
  readonly end: number;
}

function readEscape(content: string, at: number, quote: string): Escape | undefined {
  const letter = content[at] ?? "";
  const simple = letter === quote ? quote.charCodeAt(0) : simpleEscapes.get(letter);
  if (simple !== undefined) return { code: simple, isByte: false, end: at + 1 };
  const length = digitEscapes.get(letter);
  const digits = length === undefined ? content.slice(at, at + 3) : content.slice(at + 1, at + 1 + length);
  const pattern = length === undefined ? /^[0-7]+$/ : /^[0-9a-f]+$/i;
  if (digits.length !== (length ?? 3) || !pattern.test(digits)) return undefined;
  const code = Number.parseInt(digits, length === undefined ? 8 : 16);
  const isByte = length === undefined || length === 2;
  if (code > (isByte ? 0xff : 0x10ffff) || (!isByte && code >= 0xd800 && code <= 0xdfff)) return undefined;
  return { code, isByte, end: length === undefined ? at + 3 : at + 1 + length };
}
