import { comparePatterns } from "./conflict.ts";
import type { RoutePattern, Segment } from "./pattern.ts";

/** Two routes that cannot stand in one table; `first` comes first in the list they were given in. */
export interface RouteConflict<E> {
  readonly first: E;
  readonly second: E;
  readonly relation: "equivalent" | "overlaps";
}

/** Most conflicts reported at once: enough to repair a file with, and a bound when everything overlaps everything. */
export const conflictsMax = 100;

interface Item<E> {
  readonly entry: E;
  readonly pattern: RoutePattern;
  readonly order: number;
}

interface Branch<E> {
  readonly literals: Map<string, Branch<E>>;
  wildcard: Branch<E> | undefined;
  readonly leaf: Item<E>[];
  readonly end: Item<E>[];
  readonly rest: Item<E>[];
}

/**
 * Finds the pairs that `comparePatterns` calls equivalent or overlapping, at most 100, in the order of the list. Each
 * route is compared only with those in a segment tree whose paths meet its own.
 */
export function findConflicts<E extends { readonly pattern: RoutePattern }>(entries: readonly E[]): RouteConflict<E>[] {
  const items = entries.map((entry, order) => ({ entry, pattern: entry.pattern, order, rank: rankOf(entry.pattern) }));
  // Wide patterns first. A wide pattern then meets only others as wide, and need not visit every literal beneath it.
  items.sort((a, b) => (a.rank < b.rank ? -1 : a.rank > b.rank ? 1 : a.order - b.order));
  const found: { low: number; high: number; conflict: RouteConflict<E> }[] = [];
  const root = emptyBranch<E>();
  for (const item of items) {
    for (const other of meeting(root, item.pattern.segments)) {
      const relation = comparePatterns(item.pattern, other.pattern);
      if (relation !== "equivalent" && relation !== "overlaps") continue;
      const [first, second] = item.order < other.order ? [item, other] : [other, item];
      const conflict = { first: first.entry, second: second.entry, relation };
      found.push({ low: first.order, high: second.order, conflict });
      if (found.length === conflictsMax) return inOrder(found);
    }
    insert(root, item);
  }
  return inOrder(found);
}

function inOrder<E>(found: { low: number; high: number; conflict: RouteConflict<E> }[]): RouteConflict<E>[] {
  return found.sort((a, b) => a.low - b.low || a.high - b.high).map(({ conflict }) => conflict);
}

/** A text that sorts patterns from wide to narrow, decided by their first difference. */
function rankOf({ segments }: RoutePattern): string {
  return segments.map(({ kind }) => rankOfKind(kind)).join("");
}

function rankOfKind(kind: Segment["kind"]): string {
  switch (kind) {
    case "rest":
      return "0";
    case "wildcard":
      return "1";
    case "end":
      return "2";
    case "literal":
      return "3";
  }
}

function emptyBranch<E>(): Branch<E> {
  return { literals: new Map(), wildcard: undefined, leaf: [], end: [], rest: [] };
}

function insert<E>(root: Branch<E>, item: Item<E>): void {
  let branch = root;
  for (const segment of item.pattern.segments) {
    switch (segment.kind) {
      case "rest":
        branch.rest.push(item);
        return;
      case "end":
        branch.end.push(item);
        return;
      case "wildcard":
        branch = branch.wildcard ??= emptyBranch();
        break;
      case "literal": {
        const child = branch.literals.get(segment.text) ?? emptyBranch<E>();
        branch.literals.set(segment.text, child);
        branch = child;
      }
    }
  }
  branch.leaf.push(item);
}

/** The items whose paths have a request in common with the given segments. */
function* meeting<E>(branch: Branch<E>, segments: readonly Segment[], index = 0): Generator<Item<E>> {
  const segment = segments[index];
  if (segment === undefined) {
    yield* branch.leaf;
    return;
  }
  yield* branch.rest;
  switch (segment.kind) {
    case "rest":
      yield* branch.end;
      for (const child of children(branch)) yield* everything(child);
      return;
    case "end":
      yield* branch.end;
      return;
    case "wildcard":
      for (const child of children(branch)) yield* meeting(child, segments, index + 1);
      return;
    case "literal": {
      const child = branch.literals.get(segment.text);
      if (child !== undefined) yield* meeting(child, segments, index + 1);
      if (branch.wildcard !== undefined) yield* meeting(branch.wildcard, segments, index + 1);
    }
  }
}

function* children<E>(branch: Branch<E>): Generator<Branch<E>> {
  yield* branch.literals.values();
  if (branch.wildcard !== undefined) yield branch.wildcard;
}

function* everything<E>(branch: Branch<E>): Generator<Item<E>> {
  yield* branch.leaf;
  yield* branch.end;
  yield* branch.rest;
  for (const child of children(branch)) yield* everything(child);
}
