import {
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
  type Document,
  type Scalar,
} from "yaml";
import { ConfigErrors, type Position, WorkflowError } from "../error/error.ts";
import type { ListNode, MapEntry, MapNode, Node, ScalarNode } from "../schema/node.ts";

/** Bytes of one configuration file. */
export const configBytesMax = 5 * 1024 * 1024;
/** Values in one configuration after aliases are expanded; a larger document is an alias bomb. */
export const configNodesMax = 1_000_000;
/** Nesting of maps and lists. */
export const configDepthMax = 200;
/** Syntax problems that are reported of one file: a broken bracket can cause thousands. */
const problemsMax = 100;

/** Keys that would reach the prototypes of objects. */
const forbiddenKeys = new Set(["__proto__", "constructor", "prototype"]);

/** Characters that YAML does not allow in a file (YAML 1.2.2 §5.1). */
const controlCharacter = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;

/** Receives what is odd in a file and does not keep it from being used. */
export type Warn = (problem: WorkflowError) => void;

/**
 * Parses YAML (or JSON, which is YAML) into nodes with positions. Only the first document of a file counts; an empty
 * file is an empty map. Throws `ConfigErrors` with every syntax problem, and `config.too_large`.
 */
export function parseYaml(text: string, file: string, warn: Warn): Node {
  const start: Position = { file, line: 1, column: 1 };
  if (Buffer.byteLength(text) > configBytesMax) throw tooLarge(file);
  const lines = new LineCounter();
  refuseControlCharacters(text, file);
  const first = parseFirstDocument(text, lines, start);
  if (first === undefined) return { kind: "map", at: start, entries: new Map() };
  const reader = new Reader(file, lines);
  const problems = syntaxProblems(first, reader);
  if (problems.length > 0) throw new ConfigErrors(problems, parsePrefix);
  for (const { pos, message } of first.warnings) warn(reader.problem(pos[0], yamlReason("", message)));
  const node = first.contents === null ? undefined : reader.read(first.contents, 0);
  if (reader.problems.length > 0) throw new ConfigErrors(reader.problems.slice(0, problemsMax), parsePrefix);
  if (node === undefined || (node.kind === "scalar" && node.value === null))
    return { kind: "map", at: start, entries: new Map() };
  return node;
}

/** Put before what is wrong with the text of a file. */
export const parsePrefix = "failed to parse config file: ";

/** The refusal of a file of more than 5 MiB. */
export function tooLarge(file: string): WorkflowError {
  const text = `${file} is larger than ${configBytesMax / 1024 / 1024} MiB`;
  return new WorkflowError("config.too_large", text, { at: [{ file, line: 1, column: 1 }] });
}

function tooDeep(at: Position): WorkflowError {
  const text = `${at.file} is nested deeper than ${configDepthMax} levels`;
  return new WorkflowError("config.too_large", text, { at: [at], status: 400 });
}

function refuseControlCharacters(text: string, file: string): void {
  const index = text.search(controlCharacter);
  if (index < 0) return;
  const before = text.slice(0, index).split("\n");
  const at = { file, line: before.length, column: (before.at(-1) ?? "").length + 1 };
  const code = text.charCodeAt(index).toString(16).toUpperCase().padStart(4, "0");
  const problem = new WorkflowError("config.syntax", `yaml: control characters are not allowed (U+${code})`, {
    at: [at],
    hint: `write it as "\\u${code}" in double quotes, or check that this is a text file`,
  });
  throw new ConfigErrors([problem], parsePrefix);
}

function parseFirstDocument(text: string, lines: LineCounter, start: Position): Document.Parsed | undefined {
  const settings = { lineCounter: lines, prettyErrors: false, uniqueKeys: false, version: "1.2" } as const;
  let first: Document.Parsed | undefined;
  try {
    // Without documents the parser gives an empty list that has a second type of its own.
    [first] = parseAllDocuments(text, settings) as readonly Document.Parsed[];
  } catch (error) {
    // The parser goes down into nested values by calling itself.
    if (error instanceof RangeError) throw tooDeep(start);
    throw error;
  }
  const overflow = first?.errors.find(({ message }) => message.includes("call stack"));
  if (overflow === undefined) return first;
  const { line, col } = lines.linePos(overflow.pos[0]);
  throw tooDeep({ ...start, line: Math.max(line, 1), column: Math.max(col, 1) });
}

/** What the parser found. A bracket left open is found once for each level, and too many levels are a finding alone. */
function syntaxProblems(document: Document.Parsed, reader: Reader): readonly WorkflowError[] {
  if (document.errors.length === 0) return [];
  reader.refuseDepth(document.contents, 0);
  const distinct = new Map<string, WorkflowError>();
  for (const { pos, code, message } of document.errors) {
    const problem = reader.problem(pos[0], yamlReason(code, message));
    distinct.set(`${pos[0]} ${problem.message}`, problem);
    if (distinct.size === problemsMax) break;
  }
  return [...distinct.values()];
}

/** The parser's words where they help, ours where they do not. */
function yamlReason(code: string, message: string): string {
  if (code === "TAB_AS_INDENT") return "a tab is used for indentation; YAML allows spaces only";
  return message.replace(/ at line \d+, column \d+:?[\s\S]*$/, "").replaceAll(/\s*\n\s*/g, " ");
}

class Reader {
  readonly problems: WorkflowError[] = [];
  readonly #file: string;
  readonly #lines: LineCounter;
  /** Anchors read so far. The parser's own search for one looks through the whole file for each alias. */
  readonly #anchors = new Map<string, unknown>();
  #aliasDepth = 0;
  #count = 0;

  constructor(file: string, lines: LineCounter) {
    this.#file = file;
    this.#lines = lines;
  }

  problem(offset: number, reason: string): WorkflowError {
    return new WorkflowError("config.syntax", `yaml: ${reason}`, { at: [this.#at(offset)] });
  }

  /** Throws when values are nested too deeply, without reading them. */
  refuseDepth(value: unknown, depth: number): void {
    if (depth > configDepthMax) throw tooDeep(this.#at(offsetOf(value)));
    const parts = isMap(value) ? value.items.flatMap(({ key, value: inner }) => [key, inner]) : [];
    for (const part of isSeq(value) ? value.items : parts) this.refuseDepth(part, depth + 1);
  }

  read(value: unknown, depth: number): Node {
    const at = this.#at(offsetOf(value));
    this.#count++;
    if (depth > configDepthMax) throw tooDeep(at);
    if (this.#count > configNodesMax) {
      const text = `${this.#file} is too large once aliases are expanded`;
      throw new WorkflowError("config.too_large", text, { at: [at], status: 400 });
    }
    if (isAlias(value)) return this.#readAlias(value.source, value, depth);
    if (this.#aliasDepth === 0 && isNode(value) && value.anchor !== undefined) this.#anchors.set(value.anchor, value);
    if (isMap(value)) return this.#readMap(value.items, at, depth);
    if (isSeq(value)) return this.#readList(value.items, at, depth);
    return isScalar(value) ? this.#readScalar(value, at) : { kind: "scalar", at, value: null };
  }

  /** A value that is written once and stands in several places keeps the position where it is written. */
  #readAlias(name: string, alias: unknown, depth: number): Node {
    const offset = offsetOf(alias);
    const target = this.#anchors.get(name);
    if (target === undefined) {
      this.problems.push(this.problem(offset, `alias "*${name}" refers to no anchor before it`));
      return { kind: "scalar", at: this.#at(offset), value: null };
    }
    this.#aliasDepth++;
    const node = this.read(target, depth + 1);
    this.#aliasDepth--;
    return node;
  }

  #readList(items: readonly unknown[], at: Position, depth: number): ListNode {
    return { kind: "list", at, items: items.map((item) => this.read(item, depth + 1)) };
  }

  #readMap(pairs: readonly unknown[], at: Position, depth: number): MapNode {
    const entries = new Map<string, MapEntry>();
    const merged: MapNode[] = [];
    for (const pair of pairs) {
      if (!isPair(pair)) continue;
      const keyAt = this.#at(offsetOf(pair.key));
      const key = this.#readKey(pair.key, depth);
      const value: Node =
        pair.value === null ? { kind: "scalar", at: keyAt, value: null } : this.read(pair.value, depth + 1);
      if (key === "<<" && isScalar(pair.key) && pair.key.type === "PLAIN") {
        merged.push(...this.#mergeSources(value, offsetOf(pair.value ?? pair.key)));
        continue;
      }
      if (forbiddenKeys.has(key))
        this.problems.push(this.problem(offsetOf(pair.key), `the key "${key}" is not allowed`));
      const first = entries.get(key);
      if (first === undefined) entries.set(key, { keyAt, value });
      else
        this.problems.push(
          this.problem(offsetOf(pair.key), `mapping key "${key}" already defined at line ${first.keyAt.line}`),
        );
    }
    for (const source of merged) {
      for (const [key, entry] of source.entries) if (!entries.has(key)) entries.set(key, entry);
    }
    return { kind: "map", at, entries };
  }

  #mergeSources(node: Node, offset: number): readonly MapNode[] {
    const items = node.kind === "list" ? node.items : [node];
    const maps = items.filter((item) => item.kind === "map");
    if (maps.length < items.length) {
      this.problems.push(this.problem(offset, "a merge (<<) takes a map or a list of maps"));
    }
    return maps;
  }

  #readKey(key: unknown, depth: number): string {
    const node = this.read(key, depth + 1);
    if (node.kind === "scalar") return node.source ?? String(node.value ?? "null");
    this.problems.push(this.problem(offsetOf(key), "a map key must be a scalar"));
    return "";
  }

  #readScalar(scalar: Scalar, at: Position): ScalarNode {
    const { value } = scalar;
    if (typeof value === "string") {
      const number = scalar.type === "PLAIN" ? readLenientNumber(value) : undefined;
      if (number !== undefined) return { kind: "scalar", at, value: number, source: value };
      const isQuoted = scalar.type === "QUOTE_DOUBLE" || scalar.type === "QUOTE_SINGLE";
      return isQuoted ? { kind: "scalar", at, value, isQuoted } : { kind: "scalar", at, value };
    }
    const source = scalar.source ?? String(value);
    if (typeof value === "number")
      return { kind: "scalar", at, value: readOctal(source) ?? exact(value, source), source };
    if (typeof value === "boolean") return { kind: "scalar", at, value, source };
    if (typeof value === "bigint") return { kind: "scalar", at, value: String(value) };
    return { kind: "scalar", at, value: null };
  }

  #at(offset: number): Position {
    const { line, col } = this.#lines.linePos(offset);
    return { file: this.#file, line: Math.max(line, 1), column: Math.max(col, 1) };
  }
}

function offsetOf(value: unknown): number {
  if (typeof value !== "object" || value === null || !("range" in value)) return 0;
  return Array.isArray(value.range) && typeof value.range[0] === "number" ? value.range[0] : 0;
}

/** Digits may be grouped with `_`, as in `1_000`. */
function readLenientNumber(text: string): number | undefined {
  return /^[-+]?[0-9][0-9_]*(\.[0-9_]+)?$/.test(text) && text.includes("_")
    ? Number(text.replaceAll("_", ""))
    : undefined;
}

/** A leading zero means octal, as `0o` does. */
function readOctal(source: string): number | undefined {
  const match = /^([-+]?)0([0-7]+)$/.exec(source);
  return match === null ? undefined : Number.parseInt(`${match[1] ?? ""}${match[2] ?? ""}`, 8);
}

/** Whole numbers that a double cannot hold stay text, so that no digit is lost. */
function exact(value: number, source: string): number | string {
  return Number.isInteger(value) && !Number.isSafeInteger(value) && /^[-+]?\d+$/.test(source) ? source : value;
}
