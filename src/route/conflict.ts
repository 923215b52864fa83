import type { RoutePattern, Segment } from "./pattern.ts";

/**
 * How the requests of one pattern relate to those of another: the same, fewer, more, none in common, or some in common
 * with neither being the narrower.
 */
export type PatternRelation = "equivalent" | "moreSpecific" | "moreGeneral" | "disjoint" | "overlaps";

/** Relates `a` to `b` by the precedence rules of Go 1.22's `ServeMux`, by path and by method. */
export function comparePatterns(a: RoutePattern, b: RoutePattern): PatternRelation {
  const byMethod = compareMethods(a.method, b.method);
  return byMethod === "disjoint" ? "disjoint" : combine(byMethod, comparePaths(a.segments, b.segments));
}

function compareMethods(a: string, b: string): PatternRelation {
  if (a === b) return "equivalent";
  if (a === "" || (a === "GET" && b === "HEAD")) return "moreGeneral";
  if (b === "" || (a === "HEAD" && b === "GET")) return "moreSpecific";
  return "disjoint";
}

function comparePaths(a: readonly Segment[], b: readonly Segment[]): PatternRelation {
  let relation: PatternRelation = "equivalent";
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length && relation !== "disjoint"; index++) {
    relation = combine(relation, compareSegments(a[index], b[index]));
  }
  // Paths of different length only meet when the shorter one goes on without end.
  if (a.length < b.length) return combine(relation, a.at(-1)?.kind === "rest" ? "moreGeneral" : "disjoint");
  if (a.length > b.length) return combine(relation, b.at(-1)?.kind === "rest" ? "moreSpecific" : "disjoint");
  return relation;
}

function compareSegments(a: Segment | undefined, b: Segment | undefined): PatternRelation {
  if (a === undefined || b === undefined) return "disjoint";
  if (a.kind === "rest") return b.kind === "rest" ? "equivalent" : "moreGeneral";
  if (b.kind === "rest") return "moreSpecific";
  // An end stands for the empty segment after a trailing slash, which a wildcard does not take.
  if (a.kind === "end" || b.kind === "end") return a.kind === b.kind ? "equivalent" : "disjoint";
  if (a.kind === "wildcard") return b.kind === "wildcard" ? "equivalent" : "moreGeneral";
  if (b.kind === "wildcard") return "moreSpecific";
  return a.text === b.text ? "equivalent" : "disjoint";
}

/** The relation of two patterns that relate in one respect as `a` and in another as `b`. */
function combine(a: PatternRelation, b: PatternRelation): PatternRelation {
  if (a === "disjoint" || b === "disjoint") return "disjoint";
  if (a === "equivalent") return b;
  if (b === "equivalent" || a === b) return a;
  return "overlaps";
}

/** Says why two patterns conflict, naming both and a request that both serve. */
export function describeConflict(a: RoutePattern, b: RoutePattern): string {
  if (comparePatterns(a, b) === "equivalent") return `routes "${a.text}" and "${b.text}" match the same requests`;
  const method = a.method === "" || (a.method === "GET" && b.method === "HEAD") ? b.method : a.method;
  const request = `${method} ${commonPath(a.segments, b.segments)}`.trim();
  return `routes "${a.text}" and "${b.text}" overlap: both match "${request}" and neither is more specific`;
}

/** A path that two overlapping patterns both match. */
function commonPath(a: readonly Segment[], b: readonly Segment[]): string {
  let path = "";
  const length = Math.max(a.length, b.length);
  for (let index = 0; index < length; index++) path += `/${commonSegment(a[index], b[index])}`;
  return path;
}

function commonSegment(a: Segment | undefined, b: Segment | undefined): string {
  if (a?.kind === "literal") return encodeURIComponent(a.text);
  if (b?.kind === "literal") return encodeURIComponent(b.text);
  if (a?.kind === "wildcard") return a.name;
  return b?.kind === "wildcard" ? b.name : "";
}
