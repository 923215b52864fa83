import {
  isAlias,
  isMap,
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

/** Keys that would reach the prototypes of objects. */
const forbiddenKeys = new Set(["__proto__", "constructor", "prototype"]);

/**
 * Parses YAML (or JSON, which is YAML) into nodes with positions. Only the first document of a file counts; an empty
 * file is an empty map. Throws `ConfigErrors` with every syntax problem.
 */
export function parseYaml(text: string, file: string): Node {
  if (Buffer.byteLength(text) > configBytesMax) {
    const at = [{ file, line: 1, column: 1 }];
    throw new WorkflowError("config.too_large", `${file} is larger than ${configBytesMax / 1024 / 1024} MiB`, { at });
  }
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
    version: "1.2",
  });
  const [first] = documents as readonly Document.Parsed[];
  const start: Position = { file, line: 1, column: 1 };
  if (first === undefined) return { kind: "map", at: start, entries: new Map() };
  const reader = new Reader(file, lines, first);
  const problems = first.errors.map((error) => reader.problem(error.pos[0], yamlReason(error.code, error.message)));
  if (problems.length > 0) throw new ConfigErrors(problems, "failed to parse config file: ");
  const node = first.contents === null ? undefined : reader.read(first.contents, 0);
  if (reader.problems.length > 0) throw new ConfigErrors(reader.problems, "failed to parse config file: ");
  if (node === undefined || (node.kind === "scalar" && node.value === null))
    return { kind: "map", at: start, entries: new Map() };
  return node;
}

/** The parser's words where they help, ours where they do not. */
function yamlReason(code: string, message: string): string {
  if (code === "TAB_AS_INDENT") return "a tab is used for indentation; YAML allows spaces only";
  return message.replace(/ at line \d+, column \d+:?[\s\S]*$/, "");
}

class Reader {
  readonly problems: WorkflowError[] = [];
  readonly #file: string;
  readonly #lines: LineCounter;
  readonly #document: Document.Parsed;
  #count = 0;

  constructor(file: string, lines: LineCounter, document: Document.Parsed) {
    this.#file = file;
    this.#lines = lines;
    this.#document = document;
  }

  problem(offset: number, reason: string): WorkflowError {
    return new WorkflowError("config.syntax", `yaml: ${reason}`, { at: [this.#at(offset)] });
  }

  read(value: unknown, depth: number): Node {
    const at = this.#at(offsetOf(value));
    this.#count++;
    if (this.#count > configNodesMax || depth > configDepthMax) {
      const what =
        depth > configDepthMax ? `nested deeper than ${configDepthMax} levels` : "too large once aliases are expanded";
      throw new WorkflowError("config.too_large", `${this.#file} is ${what}`, { at: [at], status: 400 });
    }
    if (isAlias(value)) {
      const target = value.resolve(this.#document);
      if (target !== undefined) return this.read(target, depth + 1);
      this.problems.push(this.problem(offsetOf(value), `alias "*${value.source}" refers to no anchor`));
      return { kind: "scalar", at, value: null };
    }
    if (isMap(value)) return this.#readMap(value.items, at, depth);
    if (isSeq(value)) return this.#readList(value.items, at, depth);
    return isScalar(value) ? this.#readScalar(value, at) : { kind: "scalar", at, value: null };
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
        merged.push(...mergeSources(value));
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
      return number === undefined
        ? { kind: "scalar", at, value }
        : { kind: "scalar", at, value: number, source: value };
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

function mergeSources(node: Node): readonly MapNode[] {
  if (node.kind === "map") return [node];
  return node.kind === "list" ? node.items.filter((item) => item.kind === "map") : [];
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
