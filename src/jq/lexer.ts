import { JqSyntaxError } from "./failure.ts";
import { keywords, type Token, type TokenKind } from "./token.ts";

const blank = /(?:[ \t\r\n]|#[^\n]*)*/y;
const word = /[A-Za-z_][A-Za-z0-9_]*(?:::[A-Za-z_][A-Za-z0-9_]*)*/y;
const digits = /(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?/y;
const format = /@[A-Za-z0-9_]+/y;
const sign = /\?\/\/=|\?\/\/|\/\/=|\|=|\+=|-=|\*=|\/=|%=|==|!=|<=|>=|\/\/|\.\.|[.[\]{}()|,:;=<>+\-*/%?$]/y;

/** Splits a program into tokens, the last of which is `end`. Throws `JqSyntaxError`. */
export function tokenize(text: string): readonly Token[] {
  const { tokens } = readTokens(text, 0, false);
  return tokens;
}

/** Reads until the end, or inside a text until the parenthesis that closes an interpolation. */
function readTokens(text: string, start: number, isInside: boolean): { tokens: Token[]; next: number } {
  const tokens: Token[] = [];
  let depth = 0;
  let at = start;
  for (;;) {
    at += match(blank, text, at).length;
    if (at >= text.length) {
      if (isInside) throw new JqSyntaxError("unterminated interpolation", start);
      tokens.push({ kind: "end", text: "", at });
      return { tokens, next: at };
    }
    if (isInside && depth === 0 && text[at] === ")") {
      tokens.push({ kind: "end", text: ")", at });
      return { tokens, next: at + 1 };
    }
    if (text[at] === '"') {
      const found = readText(text, at);
      tokens.push(found.token);
      at = found.next;
      continue;
    }
    const token = readPlain(text, at);
    if (token.kind === "sign" && token.text === "(") depth++;
    if (token.kind === "sign" && token.text === ")") depth--;
    tokens.push(token);
    at += lengthOf(token);
  }
}

function match(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? "";
}

function lengthOf({ kind, text }: Token): number {
  return kind === "field" || kind === "variable" || kind === "format" ? text.length + 1 : text.length;
}

function readPlain(text: string, at: number): Token {
  const first = text[at] ?? "";
  if (first === "." || first === "$") {
    const name = match(word, text, at + 1);
    if (name !== "") return { kind: first === "." ? "field" : "variable", text: name, at };
  }
  const name = match(word, text, at);
  if (name !== "") return { kind: keywords.has(name) ? "keyword" : "name", text: name, at };
  const number = match(digits, text, at);
  if (number !== "") return { kind: "number", text: number, at };
  const named = match(format, text, at);
  if (named !== "") return { kind: "format", text: named.slice(1), at };
  const found = match(sign, text, at);
  if (found !== "") return { kind: "sign", text: found, at };
  throw new JqSyntaxError(`unexpected ${JSON.stringify(String.fromCodePoint(text.codePointAt(at) ?? 0))}`, at);
}

const escapes: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ["\\", "\\"],
  ["/", "/"],
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
]);

function readText(text: string, start: number): { token: Token; next: number } {
  const parts: (string | readonly Token[])[] = [];
  let literal = "";
  let at = start + 1;
  for (;;) {
    const char = text[at];
    if (char === undefined) throw new JqSyntaxError("unterminated string", start);
    if (char === '"') break;
    if (char !== "\\") {
      literal += char;
      at++;
      continue;
    }
    const next = text[at + 1] ?? "";
    if (next === "(") {
      const inner = readTokens(text, at + 2, true);
      parts.push(literal, inner.tokens);
      literal = "";
      at = inner.next;
      continue;
    }
    const unit = /^[0-9a-fA-F]{4}$/.exec(text.slice(at + 2, at + 6))?.[0];
    if (next === "u" && unit !== undefined) {
      literal += String.fromCharCode(Number.parseInt(unit, 16));
      at += 6;
      continue;
    }
    const plain = escapes.get(next);
    if (plain === undefined) throw new JqSyntaxError(`invalid escape ${JSON.stringify(`\\${next}`)}`, at);
    literal += plain;
    at += 2;
  }
  parts.push(literal.toWellFormed());
  const kind: TokenKind = "text";
  return { token: { kind, text: text.slice(start, at + 1), at: start, parts }, next: at + 1 };
}
