import { JqSyntaxError } from "./failure.ts";
import { isFormat } from "./format.ts";
import { tokenize } from "./lexer.ts";
import type { AssignOperator, BinaryOperator, ObjectEntry, Pattern, PatternEntry, Syntax, TextPart } from "./syntax.ts";
import type { Token } from "./token.ts";
import { TokenReader } from "./token_reader.ts";

/** Reads a program. Throws `JqSyntaxError`. */
export function parseProgram(text: string): Syntax {
  return parseTokens(text, tokenize(text));
}

/** Reads a text of definitions, each of which ends with a semicolon, up to a final filter. */
function parseTokens(program: string, tokens: readonly Token[]): Syntax {
  const reader = new TokenReader(program, tokens);
  if (reader.current.kind === "end" && reader.current.text === "") return { kind: "identity" };
  const syntax = parsePipe(reader);
  if (reader.current.kind !== "end") throw reader.unexpected();
  return syntax;
}

const identity: Syntax = { kind: "identity" };

function parsePipe(reader: TokenReader): Syntax {
  return reader.nested(() => {
    if (reader.isKeyword("def")) return parseDefinition(reader);
    const left = parseComma(reader);
    return reader.accept("|") ? { kind: "pipe", left, right: parsePipe(reader) } : left;
  });
}

function parseComma(reader: TokenReader): Syntax {
  let left = parseBinary(reader, 0);
  while (reader.accept(",")) left = { kind: "comma", left, right: parseBinary(reader, 0) };
  return left;
}

interface Operator {
  readonly level: number;
  readonly side: "left" | "right" | "none";
  make(left: Syntax, right: Syntax): Syntax;
}

const operators: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ["//", { level: 1, side: "right", make: (left, right) => ({ kind: "alternative", left, right }) }],
  ...assigning("=", "|=", "+=", "-=", "*=", "/=", "%=", "//="),
  ["or", { level: 3, side: "left", make: (left, right) => ({ kind: "or", left, right }) }],
  ["and", { level: 4, side: "left", make: (left, right) => ({ kind: "and", left, right }) }],
  ...binary(5, "none", "==", "!=", "<", "<=", ">", ">="),
  ...binary(6, "left", "+", "-"),
  ...binary(7, "left", "*", "/", "%"),
]);

function assigning(...signs: readonly AssignOperator[]): (readonly [string, Operator])[] {
  return signs.map((operator) => [
    operator,
    { level: 2, side: "none", make: (left, right) => ({ kind: "assign", operator, left, right }) },
  ]);
}

function binary(
  level: number,
  side: Operator["side"],
  ...signs: readonly BinaryOperator[]
): (readonly [string, Operator])[] {
  return signs.map((operator) => [
    operator,
    { level, side, make: (left, right) => ({ kind: "binary", operator, left, right }) },
  ]);
}

function parseBinary(reader: TokenReader, levelMin: number): Syntax {
  let left = parseOperand(reader);
  let levelMax = Number.POSITIVE_INFINITY;
  for (;;) {
    const { kind, text } = reader.current;
    const operator = kind === "sign" || kind === "keyword" ? operators.get(text) : undefined;
    if (operator === undefined || operator.level < levelMin) return left;
    if (operator.level > levelMax) throw reader.unexpected("put parentheses around one of the two comparisons");
    reader.take();
    const right = parseBinary(reader, operator.side === "right" ? operator.level : operator.level + 1);
    left = operator.make(left, right);
    // After an operator that does not chain, only weaker ones may follow.
    if (operator.side === "none") levelMax = operator.level - 1;
  }
}

function parseOperand(reader: TokenReader): Syntax {
  if (reader.isKeyword("def")) return parseDefinition(reader);
  if (reader.acceptKeyword("label")) {
    const name = parseVariableName(reader);
    reader.expect("|");
    return { kind: "label", name, body: parsePipe(reader) };
  }
  if (reader.accept("-")) return { kind: "negate", body: reader.nested(() => parseOperand(reader)) };
  const term = parseTerm(reader);
  if (!reader.acceptKeyword("as")) return term;
  const patterns = parsePatterns(reader);
  reader.expect("|");
  return { kind: "bind", source: term, patterns, body: parsePipe(reader) };
}

function parseDefinition(reader: TokenReader): Syntax {
  reader.expectKeyword("def");
  const name = parseFunctionName(reader);
  const parameters: string[] = [];
  if (reader.accept("(")) {
    do {
      const isValue = reader.current.kind === "variable";
      parameters.push(isValue ? `$${reader.take().text}` : parseFunctionName(reader));
    } while (reader.accept(";"));
    reader.expect(")");
  }
  reader.expect(":");
  const body = parsePipe(reader);
  reader.expect(";");
  return { kind: "def", name, parameters, body, rest: parsePipe(reader) };
}

function parseFunctionName(reader: TokenReader): string {
  const { kind, text, at } = reader.current;
  if (kind !== "name") throw reader.unexpected("expected the name of a function");
  if (text.includes("::")) throw new JqSyntaxError("modules are not available", at);
  return reader.take().text;
}

function parseVariableName(reader: TokenReader): string {
  if (reader.current.kind !== "variable") throw reader.unexpected("expected a variable such as $x");
  return reader.take().text;
}

function parsePatterns(reader: TokenReader): readonly Pattern[] {
  const patterns = [parsePattern(reader)];
  while (reader.accept("?//")) patterns.push(parsePattern(reader));
  return patterns;
}

function parsePattern(reader: TokenReader): Pattern {
  return reader.nested(() => {
    if (reader.accept("[")) return { kind: "list", items: parseSequence(reader, "]", parsePattern) };
    if (reader.accept("{")) return { kind: "object", entries: parseSequence(reader, "}", parsePatternEntry) };
    return { kind: "variable", name: parseVariableName(reader) };
  });
}

function parseSequence<T>(reader: TokenReader, close: string, parse: (reader: TokenReader) => T): T[] {
  const items: T[] = [];
  do items.push(parse(reader));
  while (reader.accept(","));
  reader.expect(close);
  return items;
}

function parsePatternEntry(reader: TokenReader): PatternEntry {
  if (reader.current.kind === "variable") {
    const name = reader.take().text;
    const value = reader.accept(":") ? parsePattern(reader) : undefined;
    return { variable: name, key: { kind: "literal", value: name }, value };
  }
  const key = parseKey(reader);
  reader.expect(":");
  return { variable: undefined, key, value: parsePattern(reader) };
}

/** The key of an object or of an object pattern: a name, a text, or a filter in parentheses. */
function parseKey(reader: TokenReader): Syntax {
  const { kind, text } = reader.current;
  if (kind === "name" || kind === "keyword") {
    reader.take();
    return { kind: "literal", value: text };
  }
  if (kind === "text" || kind === "format") return parseText(reader);
  if (!reader.accept("(")) throw reader.unexpected("expected a key");
  const key = parsePipe(reader);
  reader.expect(")");
  return key;
}

function parseText(reader: TokenReader): Syntax {
  const { at } = reader.current;
  const format = reader.current.kind === "format" ? reader.take().text : undefined;
  if (format !== undefined && !isFormat(format)) throw new JqSyntaxError(`@${format} is not a format`, at);
  const { kind, parts = [] } = reader.current;
  if (kind !== "text") {
    if (format === undefined) throw reader.unexpected("expected a string");
    return { kind: "format", name: format };
  }
  reader.take();
  const read = parts.map((part): TextPart => (typeof part === "string" ? part : parseInner(reader, part)));
  const [only] = read;
  if (read.length === 1 && typeof only === "string") return { kind: "literal", value: only };
  return { kind: "text", format: format ?? "text", parts: read };
}

function parseInner(reader: TokenReader, tokens: readonly Token[]): Syntax {
  return reader.nested(() => {
    const inner = new TokenReader(reader.program, tokens);
    const syntax = parsePipe(inner);
    if (inner.current.kind !== "end") throw inner.unexpected();
    return syntax;
  });
}

function parseTerm(reader: TokenReader): Syntax {
  let term = parsePrimary(reader);
  for (;;) {
    if (reader.current.kind === "field") {
      term = { kind: "index", target: term, key: { kind: "literal", value: reader.take().text } };
    } else if (reader.isSign(".") && reader.following.kind === "text") {
      reader.take();
      term = { kind: "index", target: term, key: parseText(reader) };
    } else if (reader.isSign(".") && reader.following.kind === "sign" && reader.following.text === "[") {
      reader.take();
    } else if (reader.accept("[")) {
      term = parseBrackets(reader, term);
    } else if (reader.accept("?")) {
      term = { kind: "try", body: term, handler: undefined };
    } else {
      return term;
    }
  }
}

/** What stands behind an opening bracket after a term. */
function parseBrackets(reader: TokenReader, target: Syntax): Syntax {
  if (reader.accept("]")) return { kind: "iterate", target };
  if (reader.accept(":")) {
    const to = parsePipe(reader);
    reader.expect("]");
    return { kind: "slice", target, from: undefined, to };
  }
  const key = parsePipe(reader);
  if (reader.accept("]")) return { kind: "index", target, key };
  reader.expect(":");
  if (reader.accept("]")) return { kind: "slice", target, from: key, to: undefined };
  const to = parsePipe(reader);
  reader.expect("]");
  return { kind: "slice", target, from: key, to };
}

function parsePrimary(reader: TokenReader): Syntax {
  const { kind, text, at } = reader.current;
  switch (kind) {
    case "number":
      return { kind: "literal", value: numberOf(reader.take().text) };
    case "text":
    case "format":
      return parseText(reader);
    case "field":
      return { kind: "index", target: identity, key: { kind: "literal", value: reader.take().text } };
    case "variable":
      reader.take();
      return text === "__loc__" ? location(reader.program, at) : { kind: "variable", name: text, at };
    case "name":
      return parseCall(reader);
    case "keyword":
      return parseKeyword(reader);
    default:
      return parseSign(reader);
  }
}

/** A number of a program; a whole one beyond 2^53 is kept exactly. */
function numberOf(text: string): number | bigint {
  const value = Number(text);
  return /^[0-9]{16,}$/.test(text) && !Number.isSafeInteger(value) ? BigInt(text) : value;
}

function location(program: string, at: number): Syntax {
  const line = program.slice(0, at).split("\n").length;
  return { kind: "literal", value: { file: "<top-level>", line } };
}

function parseSign(reader: TokenReader): Syntax {
  if (reader.accept("..")) return { kind: "descend" };
  if (reader.accept(".")) return reader.current.kind === "text" ? index(parseText(reader)) : identity;
  if (reader.accept("(")) {
    const body = parsePipe(reader);
    reader.expect(")");
    return body;
  }
  if (reader.accept("[")) {
    if (reader.accept("]")) return { kind: "list", body: undefined };
    const body = parsePipe(reader);
    reader.expect("]");
    return { kind: "list", body };
  }
  if (!reader.accept("{")) throw reader.unexpected();
  if (reader.accept("}")) return { kind: "object", entries: [] };
  return { kind: "object", entries: parseSequence(reader, "}", parseEntry) };
}

function index(key: Syntax): Syntax {
  return { kind: "index", target: identity, key };
}

function parseEntry(reader: TokenReader): ObjectEntry {
  const { kind, text, at } = reader.current;
  if (kind === "variable") {
    reader.take();
    const value: Syntax = text === "__loc__" ? location(reader.program, at) : { kind: "variable", name: text, at };
    if (text === "__loc__" || !reader.isSign(":")) return { key: { kind: "literal", value: text }, value };
    reader.take();
    return { key: value, value: parseObjectValue(reader) };
  }
  const isShort = kind === "name" || kind === "keyword" || kind === "text" || kind === "format";
  const key = parseKey(reader);
  if (isShort && !reader.isSign(":")) return { key, value: { kind: "index", target: identity, key } };
  reader.expect(":");
  return { key, value: parseObjectValue(reader) };
}

/** A comma begins the next key, so only pipes go on with the value. */
function parseObjectValue(reader: TokenReader): Syntax {
  const left = parseBinary(reader, 0);
  return reader.accept("|") ? { kind: "pipe", left, right: parseObjectValue(reader) } : left;
}

function parseCall(reader: TokenReader): Syntax {
  const { at } = reader.current;
  if (reader.current.text === "break") {
    reader.take();
    return { kind: "break", name: parseVariableName(reader), at };
  }
  const name = parseFunctionName(reader);
  const args: Syntax[] = [];
  if (reader.accept("(")) {
    do args.push(parsePipe(reader));
    while (reader.accept(";"));
    reader.expect(")");
  }
  return { kind: "call", name, args, at };
}

function parseKeyword(reader: TokenReader): Syntax {
  const { text, at } = reader.current;
  if (text === "import" || text === "include") throw new JqSyntaxError(`${text}: modules are not available`, at);
  if (reader.acceptKeyword("if")) return parseIf(reader);
  if (reader.acceptKeyword("try")) {
    const body = reader.nested(() => parseTryPart(reader));
    const handler = reader.acceptKeyword("catch") ? parseTryPart(reader) : undefined;
    return { kind: "try", body, handler };
  }
  if (reader.acceptKeyword("reduce")) {
    const { source, patterns } = parseSource(reader);
    const init = parsePipe(reader);
    reader.expect(";");
    const update = parsePipe(reader);
    reader.expect(")");
    return { kind: "reduce", source, patterns, init, update };
  }
  if (!reader.acceptKeyword("foreach")) throw reader.unexpected();
  const { source, patterns } = parseSource(reader);
  const init = parsePipe(reader);
  reader.expect(";");
  const update = parsePipe(reader);
  const extract = reader.accept(";") ? parsePipe(reader) : undefined;
  reader.expect(")");
  return { kind: "foreach", source, patterns, init, update, extract };
}

/** The operand of `try` and `catch`: a term, which may be negative. */
function parseTryPart(reader: TokenReader): Syntax {
  return reader.accept("-") ? { kind: "negate", body: parseTryPart(reader) } : parseTerm(reader);
}

function parseSource(reader: TokenReader): { source: Syntax; patterns: readonly Pattern[] } {
  const source = parseTerm(reader);
  reader.expectKeyword("as");
  const patterns = parsePatterns(reader);
  reader.expect("(");
  return { source, patterns };
}

function parseIf(reader: TokenReader): Syntax {
  const condition = parsePipe(reader);
  reader.expectKeyword("then");
  const whenTrue = parsePipe(reader);
  if (reader.acceptKeyword("elif")) return { kind: "if", condition, whenTrue, otherwise: parseIf(reader) };
  const otherwise = reader.acceptKeyword("else") ? parsePipe(reader) : undefined;
  reader.expectKeyword("end");
  return { kind: "if", condition, whenTrue, otherwise };
}
