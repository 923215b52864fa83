/** Where a text stops being JSON, and what should have stood there. */
export interface JsonFault {
  /** UTF-16 code units from the start of the text. */
  readonly offset: number;
  readonly reason: string;
}

interface Cursor {
  readonly text: string;
  offset: number;
  reason: string;
}

const space = /[ \t\n\r]*/y;
const number = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const word = /[A-Za-z0-9_+.-]+/y;
// All but quotes, backslashes and control characters (RFC 8259 §7).
const stringBody = /[ !#-[\]-\uffff]*/y;
const escapeSequence = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/**
 * Finds the first mistake in a text that the built-in parser refused, which says no position. Only for texts whose
 * nesting has been bounded. Returns undefined when the text is valid JSON (RFC 8259).
 */
export function findJsonFault(text: string): JsonFault | undefined {
  const cursor: Cursor = { text, offset: 0, reason: "" };
  skipSpace(cursor);
  if (!readValue(cursor)) return { offset: cursor.offset, reason: cursor.reason };
  skipSpace(cursor);
  return cursor.offset === text.length
    ? undefined
    : { offset: cursor.offset, reason: "unexpected text after the value" };
}

function fail(cursor: Cursor, reason: string): false {
  cursor.reason = cursor.offset >= cursor.text.length ? `unexpected end of text, ${reason}` : reason;
  return false;
}

function skip(cursor: Cursor, pattern: RegExp): string | undefined {
  pattern.lastIndex = cursor.offset;
  const found = pattern.exec(cursor.text)?.[0];
  if (found !== undefined) cursor.offset += found.length;
  return found;
}

function skipSpace(cursor: Cursor): void {
  skip(cursor, space);
}

function peek(cursor: Cursor): string {
  return cursor.text.charAt(cursor.offset);
}

function readValue(cursor: Cursor): boolean {
  switch (peek(cursor)) {
    case "{":
      return readList(cursor, "}", readMember);
    case "[":
      return readList(cursor, "]", readValue);
    case '"':
      return readString(cursor);
    default:
      return readScalar(cursor);
  }
}

/** Reads a list or map; each element through `readElement`, up to and including `close`. */
function readList(cursor: Cursor, close: string, readElement: (cursor: Cursor) => boolean): boolean {
  cursor.offset++;
  skipSpace(cursor);
  if (peek(cursor) === close) return advance(cursor);
  for (;;) {
    if (!readElement(cursor)) return false;
    skipSpace(cursor);
    if (peek(cursor) === close) return advance(cursor);
    if (peek(cursor) !== ",") return fail(cursor, `expected "," or "${close}"`);
    cursor.offset++;
    skipSpace(cursor);
    if (peek(cursor) === close) return fail(cursor, `a comma must not stand before "${close}"`);
  }
}

function advance(cursor: Cursor): true {
  cursor.offset++;
  return true;
}

function readMember(cursor: Cursor): boolean {
  if (peek(cursor) !== '"') return fail(cursor, "expected a key in double quotes");
  if (!readString(cursor)) return false;
  skipSpace(cursor);
  if (peek(cursor) !== ":") return fail(cursor, 'expected ":" after the key');
  cursor.offset++;
  skipSpace(cursor);
  return readValue(cursor);
}

function readString(cursor: Cursor): boolean {
  cursor.offset++;
  for (;;) {
    skip(cursor, stringBody);
    const next = peek(cursor);
    if (next === '"') return advance(cursor);
    if (next === "\\" && cursor.offset + 1 === cursor.text.length) cursor.offset++;
    if (cursor.offset === cursor.text.length) return fail(cursor, "a string is not closed");
    if (next !== "\\") return fail(cursor, "a control character in a string must be escaped");
    if (skip(cursor, escapeSequence) === undefined) return fail(cursor, "unknown escape in a string");
  }
}

function readScalar(cursor: Cursor): boolean {
  const start = cursor.offset;
  const found = skip(cursor, word);
  if (found === "true" || found === "false" || found === "null") return true;
  cursor.offset = start;
  if (found === undefined) return fail(cursor, "expected a value");
  number.lastIndex = 0;
  if (number.exec(found)?.[0] === found) return moveTo(cursor, start + found.length);
  return fail(cursor, /^[-+.0-9]/.test(found) ? "a number is malformed" : "expected a value");
}

function moveTo(cursor: Cursor, offset: number): true {
  cursor.offset = offset;
  return true;
}
