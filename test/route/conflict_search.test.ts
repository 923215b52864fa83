import { expect, test } from "bun:test";
import { comparePatterns } from "../../src/route/conflict.ts";
import { findConflicts } from "../../src/route/conflict_search.ts";
import { parsePattern } from "../../src/route/pattern.ts";
import { randomPattern, seeded } from "./random_routes.ts";

test("conflicts come with their relation, in the order of the list", () => {
  const entries = [
    ["GET", "/a/{x}"],
    ["POST", "/a/{x}"],
    ["GET", "/{y}/b"],
    ["GET", "/a/b"],
    ["GET", "/a/:z"],
  ].map(([method = "", path = ""]) => ({ pattern: parsePattern(method, path) }));
  const found = findConflicts(entries);
  expect(found.map(({ first, second, relation }) => [first.pattern.text, relation, second.pattern.text])).toEqual([
    ["GET /a/{x}", "overlaps", "GET /{y}/b"],
    ["GET /a/{x}", "equivalent", "GET /a/:z"],
    ["GET /{y}/b", "overlaps", "GET /a/:z"],
  ]);
});

test("the search finds what comparing every pair finds", () => {
  const random = seeded(7);
  for (let round = 0; round < 200; round++) {
    const entries = Array.from({ length: 9 }, (_, index) => ({ index, pattern: randomPattern(random) }));
    const expected: string[] = [];
    for (const first of entries) {
      for (const second of entries.slice(first.index + 1)) {
        const relation = comparePatterns(first.pattern, second.pattern);
        if (relation === "equivalent" || relation === "overlaps")
          expected.push(`${first.index} ${relation} ${second.index}`);
      }
    }
    const found = findConflicts(entries).map((pair) => `${pair.first.index} ${pair.relation} ${pair.second.index}`);
    expect(found).toEqual(expected);
  }
});

test("no more than 100 conflicts are listed", () => {
  const entries = Array.from({ length: 1_000 }, () => ({ pattern: parsePattern("GET", "/a") }));
  expect(findConflicts(entries)).toBeArrayOfSize(100);
});
