import { split } from "../arithmetic.ts";
import { fail } from "../failure.ts";
import { textOf } from "../format.ts";
import type { Run } from "../run.ts";
import { asList, asText, describe, isList, isNumber, type Json, jsonText } from "../value.ts";
import { type Builtins, plain, withOne } from "./builtin.ts";

function startsWith(input: Json, start: Json): Json {
  if (typeof input === "string" && typeof start === "string") return input.startsWith(start);
  throw fail("startswith() requires string inputs");
}

function endsWith(input: Json, end: Json): Json {
  if (typeof input === "string" && typeof end === "string") return input.endsWith(end);
  throw fail("endswith() requires string inputs");
}

function withoutStart(input: Json, start: Json): Json {
  const isThere = typeof input === "string" && typeof start === "string" && input.startsWith(start);
  return isThere ? input.slice(start.length) : input;
}

function withoutEnd(input: Json, end: Json): Json {
  const isThere = typeof input === "string" && typeof end === "string" && input.endsWith(end);
  return isThere ? input.slice(0, input.length - end.length) : input;
}

function trimmed(input: Json, trim: (text: string) => string): Json {
  if (typeof input === "string") return trim(input);
  throw fail(`${describe(input)} cannot be trimmed`);
}

function join(input: Json, separator: Json, run: Run): Json {
  const parts = asList(input, "cannot be joined, as it is not an array");
  if (parts.length === 0) return "";
  const between = asText(separator, "cannot be put between texts");
  const words: string[] = [];
  for (const part of parts) {
    if (part !== null && typeof part === "object") {
      const before = words.map((word) => word + between).join("");
      throw fail(`${describe(before)} and ${describe(part)} cannot be added`);
    }
    words.push(part === null ? "" : textOf(part, run));
  }
  const text = words.join(between);
  run.spendLength(text.length);
  return text;
}

function toNumber(input: Json): Json {
  if (isNumber(input)) return input;
  const text = asText(input, "cannot be parsed as a number");
  if (!/^\s*-?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$/.test(text)) {
    throw fail(`${describe(input)} cannot be parsed as a number`);
  }
  const value = Number(text);
  return /^-?\d{16,}$/.test(text) && !Number.isSafeInteger(value) ? BigInt(text) : value;
}

function explode(input: Json): Json {
  const text = asText(input, "cannot be exploded");
  return Array.from(text, (character) => character.codePointAt(0) ?? 0);
}

function implode(input: Json): Json {
  if (!isList(input)) throw fail("implode input must be an array");
  return input
    .map((code) => {
      if (!isNumber(code)) throw fail("Unicode codepoint must be numeric");
      const point = Math.trunc(Number(code));
      const isValid =
        Number.isInteger(point) && point >= 0 && point <= 0x10ffff && !(point >= 0xd800 && point <= 0xdfff);
      return String.fromCodePoint(isValid ? point : 0xfffd);
    })
    .join("");
}

function asciiCase(input: Json, pattern: RegExp, change: (found: string) => string, name: string): Json {
  if (typeof input !== "string") throw fail(`${name} input must be a string`);
  return input.replace(pattern, change);
}

function fromJson(input: Json, run: Run): Json {
  const text = asText(input, "cannot be parsed as JSON");
  run.spendLength(text.length);
  if (/^\s*-?nan\d*\s*$/.test(text)) return Number.NaN;
  try {
    return parsed(JSON.parse(text));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw fail(`${describe(input)} cannot be parsed as JSON: ${error.message}`);
  }
}

/** What `JSON.parse` gives is JSON; this says so to the compiler while it copies nothing. */
function parsed(value: unknown): Json {
  return isJson(value) ? value : null;
}

function isJson(value: unknown): value is Json {
  return value !== undefined;
}

/** Filters on texts. */
export const textBuiltins: Builtins = {
  "tostring/0": plain((input, run) => textOf(input, run)),
  "tonumber/0": plain(toNumber),
  "tojson/0": plain((input, run) => {
    const text = jsonText(input);
    run.spendLength(text.length);
    return text;
  }),
  "fromjson/0": plain(fromJson),
  "startswith/1": withOne(startsWith),
  "endswith/1": withOne(endsWith),
  "ltrimstr/1": withOne(withoutStart),
  "rtrimstr/1": withOne(withoutEnd),
  "trimstr/1": withOne((input, part) => withoutEnd(withoutStart(input, part), part)),
  "trim/0": plain((input) => trimmed(input, (text) => text.trim())),
  "ltrim/0": plain((input) => trimmed(input, (text) => text.trimStart())),
  "rtrim/0": plain((input) => trimmed(input, (text) => text.trimEnd())),
  "split/1": withOne((input, separator, run) => {
    if (typeof input === "string" && typeof separator === "string") return split(input, separator, run);
    throw fail("split input and separator must be strings");
  }),
  "join/1": withOne(join),
  "explode/0": plain(explode),
  "implode/0": plain(implode),
  "ascii/0": plain((input) => implode([input])),
  "ascii_downcase/0": plain((input) => asciiCase(input, /[A-Z]+/g, (found) => found.toLowerCase(), "ascii_downcase")),
  "ascii_upcase/0": plain((input) => asciiCase(input, /[a-z]+/g, (found) => found.toUpperCase(), "ascii_upcase")),
  "utf8bytelength/0": plain((input) => {
    if (typeof input === "string") return Buffer.byteLength(input);
    throw fail(`${describe(input)} only strings have UTF-8 byte length`);
  }),
};
