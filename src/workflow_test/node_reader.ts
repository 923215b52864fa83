import type { ErrorCode } from "../error/catalog.ts";
import { messageOf, type Position, WorkflowError } from "../error/error.ts";
import { Problems } from "../plan/problems.ts";
import { nearestName } from "../schema/nearest.ts";
import { type MapNode, type Node, plainValue, typeName, writtenText } from "../schema/node.ts";
import { parseDuration } from "../time/duration.ts";
import type { NamedNode, PlacedName } from "./test_case.ts";

/** Reads values out of the nodes of a test file and gathers what is wrong with them. */
export class NodeReader {
  readonly problems = new Problems();

  /** Reports a problem at a place. */
  problem(code: ErrorCode, text: string, at: Position, hint?: string): void {
    this.problems.error(new WorkflowError(code, text, { at: [at], hint }));
  }

  /** A map with none but the given keys; other keys are reported with the nearest right one. */
  map(node: Node | undefined, where: string, keys?: readonly string[]): MapNode | undefined {
    if (node === undefined) return undefined;
    if (node.kind !== "map") {
      this.problem("config.shape", `${where} must be a map, got ${typeName(node)}`, node.at);
      return undefined;
    }
    if (keys === undefined) return node;
    for (const [key, { keyAt }] of node.entries) {
      if (keys.includes(key)) continue;
      const near = nearestName(key, keys);
      const hint = near === undefined ? `the keys are ${keys.join(", ")}` : `did you mean "${near}"?`;
      this.problem("config.unknown_key", `${where} has no key "${key}"`, keyAt, hint);
    }
    return node;
  }

  list(node: Node | undefined, where: string): readonly Node[] {
    if (node === undefined) return [];
    if (node.kind === "list") return node.items;
    this.problem("config.shape", `${where} must be a list, got ${typeName(node)}`, node.at);
    return [];
  }

  text(node: Node | undefined, where: string): string | undefined {
    if (node === undefined) return undefined;
    if (node.kind === "scalar" && node.value !== null) return writtenText(node);
    this.problem("config.shape", `${where} must be a text, got ${typeName(node)}`, node.at);
    return undefined;
  }

  name(node: Node | undefined, where: string): PlacedName | undefined {
    const text = this.text(node, where);
    return text === undefined || node === undefined ? undefined : { text, at: node.at };
  }

  names(node: Node | undefined, where: string): readonly PlacedName[] {
    return this.list(node, where).flatMap((item) => this.name(item, `an entry of ${where}`) ?? []);
  }

  /** The values of a map by their keys. */
  named(node: Node | undefined, where: string): readonly NamedNode[] {
    const map = this.map(node, where);
    return map === undefined
      ? []
      : [...map.entries].map(([text, { keyAt, value }]) => ({ name: { text, at: keyAt }, value }));
  }

  texts(node: Node | undefined, where: string): Record<string, string> {
    const entries = this.named(node, where).map(({ name, value }) => [
      name.text,
      this.text(value, `${where}.${name.text}`) ?? "",
    ]);
    return Object.fromEntries(entries);
  }

  /** A map as plain values. */
  values(node: Node | undefined, where: string): Record<string, unknown> | undefined {
    const entries = this.map(node, where)?.entries;
    if (entries === undefined) return undefined;
    return Object.fromEntries([...entries].map(([key, { value }]) => [key, plainValue(value)]));
  }

  flag(node: Node | undefined, where: string): boolean | undefined {
    if (node === undefined) return undefined;
    if (node.kind === "scalar" && typeof node.value === "boolean") return node.value;
    this.problem("config.value", `${where} must be true or false`, node.at);
    return undefined;
  }

  /** A whole number from 1. */
  count(node: Node | undefined, where: string): number | undefined {
    if (node === undefined) return undefined;
    const value = node.kind === "scalar" ? node.value : undefined;
    if (typeof value === "number" && Number.isSafeInteger(value) && value >= 1) return value;
    this.problem("config.value", `${where} must be a whole number from 1`, node.at);
    return undefined;
  }

  durationMs(node: Node | undefined, where: string): number | undefined {
    const text = this.text(node, where);
    if (text === undefined || node === undefined) return undefined;
    try {
      return parseDuration(text);
    } catch (error) {
      this.problem("config.bad_duration", `${where}: ${messageOf(error)}`, node.at);
      return undefined;
    }
  }

  timeMs(node: Node | undefined, where: string): number | undefined {
    const text = this.text(node, where);
    if (text === undefined || node === undefined) return undefined;
    const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text) ? Date.parse(text) : Number.NaN;
    if (Number.isFinite(time)) return time;
    const hint = 'write it as "2026-03-01T09:00:00Z"';
    this.problem("config.value", `${where} must be an RFC 3339 time, got ${JSON.stringify(text)}`, node.at, hint);
    return undefined;
  }
}
