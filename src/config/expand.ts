import type { Position } from "../error/error.ts";
import type { MapEntry, MapNode, Node } from "../schema/node.ts";

/** A `${…}` reference in a configuration. */
export interface Reference {
  /** The text between the braces. */
  readonly text: string;
  readonly scheme: string;
  readonly key: string;
  readonly at: Position;
}

const pattern = /\$\{([^}]+)\}/g;

/** Splits the text of a reference: `scheme:key`, or the name of an environment variable. */
export function splitReference(text: string): { readonly scheme: string; readonly key: string } {
  const match = /^([A-Za-z0-9-]+):(?!-)([\s\S]*)$/.exec(text);
  if (match !== null) return { scheme: match[1] ?? "", key: match[2] ?? "" };
  return { scheme: "env", key: text };
}

/** Every reference in a part of a configuration. `${{ .x }}` is a dollar sign before a template and not one. */
export function* findReferences(node: Node | undefined): Generator<Reference> {
  if (node === undefined) return;
  switch (node.kind) {
    case "scalar":
      if (typeof node.value !== "string" || !node.value.includes("${")) return;
      for (const match of node.value.matchAll(pattern)) {
        const text = match[1] ?? "";
        if (!text.startsWith("{")) yield { text, ...splitReference(text), at: node.at };
      }
      return;
    case "list":
      for (const item of node.items) yield* findReferences(item);
      return;
    case "map":
      for (const entry of node.entries.values()) yield* findReferences(entry.value);
  }
}

/** Replaces the references that `values` resolves, by their text, and keeps the others as they are. */
export function expandNode(node: Node, values: ReadonlyMap<string, string>): Node {
  switch (node.kind) {
    case "scalar": {
      if (typeof node.value !== "string" || !node.value.includes("${")) return node;
      const expanded = node.value.replaceAll(pattern, (whole, text: string) => values.get(text) ?? whole);
      return expanded === node.value ? node : { ...node, value: expanded, unexpanded: node.value };
    }
    case "list": {
      const items = node.items.map((item) => expandNode(item, values));
      return items.every((item, index) => item === node.items[index]) ? node : { ...node, items };
    }
    case "map":
      return expandMap(node, values);
  }
}

/** Replaces the references in the values of a map; keys are left alone. */
export function expandMap(node: MapNode, values: ReadonlyMap<string, string>): MapNode {
  let isChanged = false;
  const entries = new Map<string, MapEntry>();
  for (const [key, entry] of node.entries) {
    const value = expandNode(entry.value, values);
    isChanged ||= value !== entry.value;
    entries.set(key, value === entry.value ? entry : { keyAt: entry.keyAt, value });
  }
  return isChanged ? { ...node, entries } : node;
}
