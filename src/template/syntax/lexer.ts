import { describeCharacter, isDigit, isNameCharacter, isNameStart, isSpace, trimSpaceEnd } from "./character.ts";
import { unquote } from "./literal.ts";
import { keywords, type Token, type TokenKind } from "./token.ts";

const signs: ReadonlyMap<string, "pipe" | "left_paren" | "right_paren" | "comma" | "assign"> = new Map([
  ["|", "pipe"],
  ["(", "left_paren"],
  [")", "right_paren"],
  [",", "comma"],
  ["=", "assign"],
]);

/** Splits a template into tokens, one at a time. After the last one it keeps answering `end_of_text` or the error. */
export class Lexer {
  readonly #text: string;
  #position = 0;
  #inAction = false;
  #trimNext = false;
  #spaced = false;
  #failed: Token | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  next(): Token {
    if (this.#failed !== undefined) return this.#failed;
    return this.#inAction ? this.#action() : this.#outside();
  }

  /** Text up to the next action; comments vanish here. */
  #outside(): Token {
    const text = this.#text;
    for (;;) {
      if (this.#trimNext) while (isSpace(text, this.#position)) this.#position++;
      this.#trimNext = false;
      const start = this.#position;
      const found = text.indexOf("{{", start);
      const open = found < 0 ? text.length : found;
      const trims = text[open + 2] === "-" && isSpace(text, open + 3);
      const between = trims ? trimSpaceEnd(text.slice(start, open)) : text.slice(start, open);
      this.#position = open;
      if (between !== "") return { kind: "text", text: between, offset: start, end: open, spaced: false };
      if (found < 0) return this.#token({ kind: "end_of_text" }, open);
      const inside = open + (trims ? 4 : 2);
      if (!text.startsWith("/*", inside)) {
        this.#inAction = true;
        return this.#token({ kind: "open" }, trims ? inside - 1 : inside);
      }
      const failure = this.#skipComment(inside);
      if (failure !== undefined) return failure;
    }
  }

  #skipComment(start: number): Token | undefined {
    const end = this.#text.indexOf("*/", start + 2);
    if (end < 0) return this.#fail(start, "unclosed comment");
    const trims = isSpace(this.#text, end + 2) && this.#text.startsWith("-}}", end + 3);
    if (!trims && !this.#text.startsWith("}}", end + 2)) {
      return this.#fail(start, "comment ends before closing delimiter");
    }
    this.#position = end + (trims ? 6 : 4);
    this.#trimNext = trims;
    return undefined;
  }

  #action(): Token {
    const text = this.#text;
    this.#spaced = false;
    while (isSpace(text, this.#position)) {
      if (text.startsWith("-}}", this.#position + 1)) return this.#close(this.#position + 4, true);
      this.#spaced = true;
      this.#position++;
    }
    const start = this.#position;
    if (start >= text.length) return this.#fail(start, "unclosed action");
    if (text.startsWith("}}", start)) return this.#close(start + 2, false);
    const character = text.charAt(start);
    const code = text.charCodeAt(start);
    const sign = signs.get(character);
    if (sign !== undefined) return this.#token({ kind: sign }, start + 1);
    if (character === ":") {
      if (text[start + 1] !== "=") return this.#fail(start, "expected :=");
      return this.#token({ kind: "declare" }, start + 2);
    }
    if (character === '"' || character === "'") return this.#quoted(character);
    if (character === "`") return this.#raw();
    if (character === "$") return this.#variable();
    if (isDigit(code) || character === "+" || character === "-") return this.#number();
    if (character === ".") return isDigit(text.charCodeAt(start + 1)) ? this.#number() : this.#field();
    if (isNameStart(text, start)) return this.#word();
    if (code > 32 && code < 127) return this.#token({ kind: "other" }, start + 1);
    return this.#fail(start, `unrecognized character in action: ${describeCharacter(text, start)}`);
  }

  #close(end: number, trims: boolean): Token {
    this.#inAction = false;
    this.#trimNext = trims;
    return this.#token({ kind: "close" }, end);
  }

  #quoted(quote: string): Token {
    const start = this.#position;
    let end = start + 1;
    while (end < this.#text.length && this.#text[end] !== quote && this.#text[end] !== "\n") {
      end += this.#text[end] === "\\" ? 2 : 1;
    }
    const isString = quote === '"';
    if (this.#text[end] !== quote) {
      return this.#fail(start, isString ? "unterminated quoted string" : "unterminated character constant");
    }
    const value = unquote(this.#text.slice(start + 1, end), quote);
    if (isString && value === undefined) return this.#fail(start, "invalid syntax");
    if (isString) return this.#token({ kind: "string", value: value ?? "" }, end + 1);
    const [character, ...more] = value ?? "";
    if (character === undefined || more.length > 0) {
      return this.#fail(start, `malformed character constant: ${this.#text.slice(start, end + 1)}`);
    }
    return this.#token({ kind: "character", value: character.codePointAt(0) ?? 0 }, end + 1);
  }

  #raw(): Token {
    const start = this.#position;
    const end = this.#text.indexOf("`", start + 1);
    if (end < 0) return this.#fail(start, "unterminated raw quoted string");
    return this.#token({ kind: "string", value: this.#text.slice(start + 1, end) }, end + 1);
  }

  #variable(): Token {
    return this.#ended({ kind: "variable" }, this.#nameEnd(this.#position + 1));
  }

  #number(): Token {
    const text = this.#text;
    const start = this.#position;
    let end = start;
    if (text[end] === "+" || text[end] === "-") end++;
    const base = text[end] === "0" ? (text[end + 1] ?? "").toLowerCase() : "";
    const isHex = base === "x";
    if (isHex || base === "o" || base === "b") end += 2;
    const digit = isHex ? /^[0-9a-fA-F_]$/ : /^[0-9_]$/;
    while (digit.test(text.charAt(end))) end++;
    if (text[end] === ".") end++;
    while (digit.test(text.charAt(end))) end++;
    const exponent = (text[end] ?? "").toLowerCase();
    if (exponent !== "" && exponent === (isHex ? "p" : "e")) {
      end++;
      if (text[end] === "+" || text[end] === "-") end++;
      while (isDigit(text.charCodeAt(end)) || text[end] === "_") end++;
    }
    if (isNameCharacter(text, end) || text[end] === "+" || text[end] === "-") {
      return this.#fail(start, `bad number syntax: ${JSON.stringify(text.slice(start, end + 1))}`);
    }
    return this.#token({ kind: "number" }, end);
  }

  #field(): Token {
    const start = this.#position;
    if (!isNameStart(this.#text, start + 1)) return this.#ended({ kind: "dot" }, start + 1);
    const { path, end } = this.#chain(start);
    return this.#ended({ kind: "field", path, hyphenated: path.some((name) => name.includes("-")) }, end);
  }

  #word(): Token {
    const start = this.#position;
    const end = this.#nameEnd(start);
    if (this.#text[end] === "-") return this.#hyphenatedWord(start, end);
    const name = this.#text.slice(start, end);
    const keyword = keywords.find((candidate) => candidate === name);
    if (keyword !== undefined) return this.#ended({ kind: "keyword", keyword }, end);
    if (name === "true" || name === "false") return this.#ended({ kind: "boolean", value: name === "true" }, end);
    return this.#ended({ kind: name === "nil" ? "nil" : "identifier" }, end);
  }

  /** `my-step.field`. Without a field it is an error: `x-1` is more likely meant as a subtraction. */
  #hyphenatedWord(start: number, hyphen: number): Token {
    const nameEnd = this.#hyphenatedNameEnd(start);
    const { path, end } = this.#chain(nameEnd);
    if (path.length === 0) return this.#fail(hyphen, `bad character ${describeCharacter(this.#text, hyphen)}`);
    return this.#ended({ kind: "step", path: [this.#text.slice(start, nameEnd), ...path] }, end);
  }

  /** The names of `.a.b-c.d`, as far as they go. */
  #chain(start: number): { path: string[]; end: number } {
    const path: string[] = [];
    let end = start;
    while (this.#text[end] === "." && isNameStart(this.#text, end + 1)) {
      const nameEnd = this.#hyphenatedNameEnd(end + 1);
      path.push(this.#text.slice(end + 1, nameEnd));
      end = nameEnd;
    }
    return { path, end };
  }

  #hyphenatedNameEnd(start: number): number {
    let end = start;
    while (isNameCharacter(this.#text, end) || this.#text[end] === "-") end += this.#width(end);
    return end;
  }

  #nameEnd(start: number): number {
    let end = start;
    while (isNameCharacter(this.#text, end)) end += this.#width(end);
    return end;
  }

  #width(index: number): number {
    return (this.#text.codePointAt(index) ?? 0) > 0xffff ? 2 : 1;
  }

  /** A token that must be followed by white space, a sign or the end of the action. */
  #ended(kind: TokenKind, end: number): Token {
    const next = this.#text.charAt(end);
    // At the end of the text this is empty and counts as a sign; the next token then reports the unclosed action.
    const isSign = ".,|:()".includes(next) || this.#text.startsWith("}}", end);
    if (isSign || isSpace(this.#text, end)) return this.#token(kind, end);
    return this.#fail(end, `bad character ${describeCharacter(this.#text, end)}`);
  }

  #token(kind: TokenKind, end: number): Token {
    const offset = this.#position;
    this.#position = end;
    return { ...kind, offset, end, text: this.#text.slice(offset, end), spaced: this.#spaced };
  }

  #fail(offset: number, problem: string): Token {
    this.#failed = { kind: "error", problem, offset, end: this.#text.length, text: "", spaced: false };
    return this.#failed;
  }
}
