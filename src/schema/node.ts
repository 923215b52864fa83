import type { Position } from "../error/error.ts";

/** A value of a configuration file with the place where it stands. */
export type Node = MapNode | ListNode | ScalarNode;

/** A map with the places of its keys. */
export interface MapNode {
  readonly kind: "map";
  readonly at: Position;
  readonly entries: ReadonlyMap<string, MapEntry>;
}

/** One key of a map. */
export interface MapEntry {
  readonly keyAt: Position;
  readonly value: Node;
}

/** A list. */
export interface ListNode {
  readonly kind: "list";
  readonly at: Position;
  readonly items: readonly Node[];
}

/** A single value. */
export interface ScalarNode {
  readonly kind: "scalar";
  readonly at: Position;
  readonly value: string | number | boolean | null;
  /** The text of a number, boolean or date as it stands in the file. */
  readonly source?: string;
  /** The text is in quotes, so that it begins one column after `at`. */
  readonly isQuoted?: true;
  /** The text before `${…}` references were replaced; it is what messages and answers show. */
  readonly unexpanded?: string;
}

/** The plain value of a node. Maps become objects, in file order. */
export function plainValue(node: Node | undefined): unknown {
  if (node === undefined) return undefined;
  switch (node.kind) {
    case "scalar":
      return node.value;
    case "list":
      return node.items.map(plainValue);
    case "map": {
      const result: Record<string, unknown> = {};
      for (const [key, entry] of node.entries) result[key] = plainValue(entry.value);
      return result;
    }
  }
}

/** The plain value of a node with `${…}` references as they are written: no secret is in it. */
export function writtenValue(node: Node): unknown {
  switch (node.kind) {
    case "scalar":
      return node.unexpanded ?? node.value;
    case "list":
      return node.items.map(writtenValue);
    case "map":
      return Object.fromEntries([...node.entries].map(([key, entry]) => [key, writtenValue(entry.value)]));
  }
}

/** A node for a value that no file holds, standing at a given place. */
export function nodeOf(value: unknown, at: Position): Node {
  if (Array.isArray(value)) return { kind: "list", at, items: value.map((item) => nodeOf(item, at)) };
  if (typeof value === "object" && value !== null) {
    const entries = new Map<string, MapEntry>();
    for (const [key, item] of Object.entries(value)) entries.set(key, { keyAt: at, value: nodeOf(item, at) });
    return { kind: "map", at, entries };
  }
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
    return { kind: "scalar", at, value };
  }
  return { kind: "scalar", at, value: null };
}

/** The entry of a map node, or undefined when the node is not a map or has no such key. */
export function child(node: Node | undefined, key: string): Node | undefined {
  return node?.kind === "map" ? node.entries.get(key)?.value : undefined;
}

/** The text of a scalar, or undefined for anything else and for null. */
export function scalarText(node: Node | undefined): string | undefined {
  return node?.kind === "scalar" && node.value !== null ? String(node.value) : undefined;
}

/** The text of a string, or a number or boolean exactly as written. */
export function writtenText(node: ScalarNode): string {
  return typeof node.value === "string" ? node.value : (node.source ?? String(node.value));
}

/** A value for messages, without what `${…}` references stand for. */
export function shownText(node: Node): string {
  if (node.kind !== "scalar") return `a ${node.kind}`;
  const text = node.unexpanded ?? writtenText(node);
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 77)}...` : text);
}

/** What a YAML value is called in messages. */
export function typeName(node: Node): string {
  if (node.kind !== "scalar") return node.kind;
  if (node.value === null) return "null";
  return typeof node.value;
}
