import { describe, expect, test } from "bun:test";
import { comparePatterns, describeConflict, type PatternRelation } from "../../src/route/conflict.ts";
import { parsePattern, type RoutePattern } from "../../src/route/pattern.ts";
import { randomPattern, seeded, serves, smallPaths } from "./random_routes.ts";

function pattern(text: string): RoutePattern {
  const [method = "", path] = text.includes(" ") ? text.split(" ") : ["", text];
  return parsePattern(method, path ?? "");
}

const inverse: Record<PatternRelation, PatternRelation> = {
  equivalent: "equivalent",
  moreSpecific: "moreGeneral",
  moreGeneral: "moreSpecific",
  disjoint: "disjoint",
  overlaps: "overlaps",
};

test.each<[string, PatternRelation, string]>([
  ["/a", "equivalent", "/a"],
  ["/a", "disjoint", "/b"],
  ["/a", "disjoint", "/a/b"],
  ["/a", "disjoint", "/a/"],
  ["/a", "moreSpecific", "/{x}"],
  ["/a", "moreSpecific", "/"],
  ["/a/b", "moreSpecific", "/a/"],
  ["/a/b", "moreSpecific", "/a/{x}"],
  ["/{x}", "equivalent", "/{y}"],
  ["/{x}", "disjoint", "/{x}/{y}"],
  ["/{x}", "moreSpecific", "/{x...}"],
  ["/{x}", "disjoint", "/{$}"],
  ["/a/{$}", "moreSpecific", "/a/"],
  ["/a/{$}", "equivalent", "/a/{$}"],
  ["/a/{$}", "disjoint", "/a/{x}"],
  ["/a/{$}", "moreSpecific", "/{x}/"],
  ["/{x}/{$}", "overlaps", "/a/"],
  ["/a/", "equivalent", "/a/{x...}"],
  ["/a/b/", "moreSpecific", "/a/"],
  ["/a/b/", "disjoint", "/a/c/"],
  ["/a/{x}", "overlaps", "/{y}/b"],
  ["/a/{x}", "disjoint", "/{y}/b/c"],
  ["/a/{x...}", "overlaps", "/{y}/b"],
  ["/{x}/b/", "overlaps", "/a/"],
  ["GET /a", "equivalent", "GET /a"],
  ["GET /a", "disjoint", "POST /a"],
  ["GET /a", "moreSpecific", "/a"],
  ["HEAD /a", "moreSpecific", "GET /a"],
  ["GET /a", "moreSpecific", "GET /{x}"],
  ["GET /{x}", "overlaps", "/a"],
  ["HEAD /{x}", "overlaps", "GET /a"],
  ["POST /{x}", "disjoint", "GET /a"],
  ["GET /a", "moreSpecific", "/{x}"],
])("%s is %s with regard to %s", (a, relation, b) => {
  expect(comparePatterns(pattern(a), pattern(b))).toBe(relation);
  expect(comparePatterns(pattern(b), pattern(a))).toBe(inverse[relation]);
});

test("the relation is that of the sets of requests which the two patterns serve", () => {
  const random = seeded(20_260_101);
  const requests = ["GET", "HEAD", "POST", "PUT"].flatMap((method) => smallPaths().map((path) => ({ method, path })));
  const counts = { equivalent: 0, moreSpecific: 0, moreGeneral: 0, disjoint: 0, overlaps: 0 };
  for (let round = 0; round < 800; round++) {
    const a = randomPattern(random);
    const b = randomPattern(random);
    const inA = requests.map(({ method, path }) => serves(a, method, path));
    const inB = requests.map(({ method, path }) => serves(b, method, path));
    const both = inA.filter((isIn, index) => isIn && inB[index]).length;
    const onlyA = inA.filter((isIn, index) => isIn && !inB[index]).length;
    const onlyB = inB.filter((isIn, index) => isIn && !inA[index]).length;
    let expected: PatternRelation = "overlaps";
    if (both === 0) expected = "disjoint";
    else if (onlyA === 0) expected = onlyB === 0 ? "equivalent" : "moreSpecific";
    else if (onlyB === 0) expected = "moreGeneral";
    expect([a.text, comparePatterns(a, b), b.text]).toEqual([a.text, expected, b.text]);
    counts[expected]++;
  }
  for (const count of Object.values(counts)) expect(count).toBeGreaterThan(5);
});

describe("a conflict is described by a request that both serve", () => {
  test.each([
    ["GET /a/{x}", "GET /a/:y", 'routes "GET /a/{x}" and "GET /a/:y" match the same requests'],
    ["GET /a/{x}", "GET /{y}/b", '"GET /a/{x}" and "GET /{y}/b" overlap: both match "GET /a/b" and neither'],
    ["/a/", "/{y}/b/c", 'both match "/a/b/c" and neither is more specific'],
    ["GET /{x}", "/a", 'both match "GET /a"'],
    ["GET /a", "HEAD /{x}", 'both match "HEAD /a"'],
    ["/a/{x}/", "/{y}/b/{$}", 'both match "/a/b/"'],
    ["/{p}/a%2Fb", "/c/{q}", 'both match "/c/a%2Fb"'],
  ])("%s and %s", (a, b, text) => expect(describeConflict(pattern(a), pattern(b))).toContain(text));
});
