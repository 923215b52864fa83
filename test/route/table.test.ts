import { describe, expect, test } from "bun:test";
import { comparePatterns } from "../../src/route/conflict.ts";
import { parsePattern, type RoutePattern } from "../../src/route/pattern.ts";
import { RouteTable } from "../../src/route/table.ts";
import { randomPattern, seeded, serves, smallPaths } from "./random_routes.ts";

/** A table of routes such as "GET /a"; each route's value is its text. */
function table(...routes: string[]): RouteTable<string> {
  return RouteTable.build(
    routes.map((route) => {
      const [method = "", path] = route.startsWith("/") ? ["", route] : route.split(" ");
      return { pattern: parsePattern(method, path ?? ""), value: route };
    }),
  );
}

/** A match in one line: the route and its parameters, or what happens instead. */
function outcome(routes: RouteTable<string>, method: string, path: string): string {
  const match = routes.match(method, path);
  switch (match.kind) {
    case "found":
      return [match.value, ...Object.entries(match.params).map(([name, value]) => `${name}=${value}`)].join(" ");
    case "redirect":
      return `-> ${match.location}`;
    case "method_not_allowed":
      return `405 ${match.allow}`;
    case "not_found":
      return "404";
  }
}

describe("the most specific route wins, whatever the order of the list", () => {
  const routes = [
    "/",
    "/{$}",
    "/a",
    "/{x}",
    "/a/b",
    "/a/{y}",
    "/a/{y}/c",
    "/a/b/d",
    "/b/{z...}",
    "/files/{path...}",
    "/files/special/",
    "/b/{q}/{r}/s",
    "/b/1/{r}/s",
    "/b/1/2/t",
  ];
  const forwards = table(...routes);
  const backwards = table(...routes.toReversed());
  test.each([
    ["/", "/{$}"],
    ["/a", "/a"],
    ["/c", "/{x} x=c"],
    ["/a/b", "/a/b"],
    ["/a/q", "/a/{y} y=q"],
    ["/a/b/d", "/a/b/d"],
    ["/a/b/c", "/a/{y}/c y=b"],
    ["/a/b/e", "/"],
    ["/b/1/2/t", "/b/1/2/t"],
    ["/b/1/2/s", "/b/1/{r}/s r=2"],
    ["/b/2/2/s", "/b/{q}/{r}/s q=2 r=2"],
    ["/b/1/2/u", "/b/{z...} z=1/2/u"],
    ["/b/", "/b/{z...} z="],
    ["/files/x/y.css", "/files/{path...} path=x/y.css"],
    ["/files/", "/files/{path...} path="],
    ["/files/special/1", "/files/special/"],
    ["/files/special/", "/files/special/"],
    ["/none/of/these", "/"],
    ["/none/", "/"],
  ])("%s leads to %s", (path, expected) => {
    expect(outcome(forwards, "GET", path)).toBe(expected);
    expect(outcome(backwards, "GET", path)).toBe(expected);
  });
});

describe("methods", () => {
  const routes = table(
    "GET /a",
    "POST /a",
    "/z/any",
    "GET /z/any",
    "DELETE /{id}",
    "HEAD /h/x",
    "GET /h/{y}",
    "PUT /tree/",
  );
  test.each([
    ["GET", "/a", "GET /a"],
    ["HEAD", "/a", "GET /a"],
    ["POST", "/a", "POST /a"],
    ["DELETE", "/a", "DELETE /{id} id=a"],
    ["PUT", "/a", "405 DELETE, GET, HEAD, POST"],
    ["OPTIONS", "/a", "405 DELETE, GET, HEAD, POST"],
    ["get", "/a", "405 DELETE, GET, HEAD, POST"],
    ["GET", "/b", "405 DELETE"],
    ["GET", "/z/any", "GET /z/any"],
    ["HEAD", "/z/any", "GET /z/any"],
    ["PATCH", "/z/any", "/z/any"],
    ["HEAD", "/h/x", "HEAD /h/x"],
    ["HEAD", "/h/z", "GET /h/{y} y=z"],
    ["GET", "/h/x", "GET /h/{y} y=x"],
    ["GET", "/tree", "405 DELETE, PUT"],
    ["PUT", "/tree", "-> /tree/"],
    ["GET", "/tree/x", "405 PUT"],
    ["GET", "/nothing/here", "404"],
  ])("%s %s leads to %s", (method, path, expected) => expect(outcome(routes, method, path)).toBe(expected));

  test("a route for HEAD alone does not serve GET", () => {
    expect(outcome(table("HEAD /a"), "GET", "/a")).toBe("405 HEAD");
    expect(outcome(table("HEAD /a"), "HEAD", "/a")).toBe("HEAD /a");
  });
});

describe("redirects", () => {
  const routes = table(
    "/",
    "/tree/",
    "/deep/er/{rest...}",
    "/leaf",
    "/both",
    "/both/",
    "/only/{$}",
    "/p/{x}/",
    "/dots/.a",
  );
  test.each([
    ["/tree", "-> /tree/"],
    ["/tree/", "/tree/"],
    ["/tree/x", "/tree/"],
    ["/deep/er", "-> /deep/er/"],
    ["/deep", "/"],
    ["/leaf", "/leaf"],
    ["/leaf/", "/"],
    ["/both", "/both"],
    ["/both/", "/both/"],
    ["/only", "-> /only/"],
    ["/only/x", "/"],
    ["/p/1", "-> /p/1/"],
    ["/p/a%20b", "-> /p/a%20b/"],
    ["//leaf", "-> /leaf"],
    ["/x/../leaf", "-> /leaf"],
    ["/./leaf", "-> /leaf"],
    ["/leaf/.", "-> /leaf"],
    ["//tree", "-> /tree/"],
    ["//p/1", "-> /p/1/"],
    ["/..", "-> /"],
    ["//unknown//path", "-> /unknown/path"],
    ["/dots/.a", "/dots/.a"],
    ["//evil.example/..", "-> /"],
  ])("%s leads to %s", (path, expected) => expect(outcome(routes, "GET", path)).toBe(expected));

  test("without a route for everything, a clean path comes before the answer that there is none", () => {
    expect(outcome(table("/a"), "GET", "//b")).toBe("-> /b");
  });

  test.each([
    ["/\\evil.example", "-> /%5Cevil.example/"],
    ["/a\r\nSet-Cookie: b", "-> /a%0D%0ASet-Cookie:%20b/"],
    ["/a?b#c", "-> /a%3Fb%23c/"],
    ["/é\u{1f600}\ud800", "-> /%C3%A9%F0%9F%98%80%EF%BF%BD/"],
    ["/%5cevil", "-> /%5cevil/"],
  ])("the location for %p cannot be taken for another host or header", (path, expected) => {
    expect(outcome(table("/{x}/"), "GET", path)).toBe(expected);
  });
});

describe("percent-encoding", () => {
  const routes = table("/a b", "/caf%C3%A9/{name}", "/x/{x}/y", "/s/{rest...}", "/100%", "/slash%2Fed", "/%2e%2e/up");
  test.each([
    ["/a%20b", "/a b"],
    ["/a b", "/a b"],
    ["/%61%20b", "/a b"],
    ["/caf%c3%a9/x%2Fy", "/caf%C3%A9/{name} name=x/y"],
    ["/café/z", "/caf%C3%A9/{name} name=z"],
    ["/x/a%2Fb/y", "/x/{x}/y x=a/b"],
    ["/x/+/y", "/x/{x}/y x=+"],
    ["/x/%25/y", "/x/{x}/y x=%"],
    ["/s/a%20b/c%2Fd", "/s/{rest...} rest=a b/c/d"],
    ["/100%25", "/100%"],
    ["/slash%2fed", "/slash%2Fed"],
    ["/slash/ed", "404"],
    ["/%2E%2e/up", "/%2e%2e/up"],
    ["/../up", "-> /up"],
    ["/100%", "404"],
    ["/x/%zz/y", "404"],
    ["/x/%ff/y", "404"],
    ["/s/%", "404"],
    ["//%", "404"],
    ["/%E2/%82", "404"],
  ])("%s leads to %s", (path, expected) => expect(outcome(routes, "GET", path)).toBe(expected));
});

test.each([[""], ["*"], ["a"], ["http://h/a"]])("the request target %p is no path", (path) => {
  expect(outcome(table("/"), "GET", path)).toBe("404");
});

test("an empty table answers 404", () => expect(outcome(table(), "GET", "/")).toBe("404"));

describe("parameters", () => {
  test.each(["__proto__", "constructor", "toString", "hasOwnProperty"])("may be called %s", (name) => {
    const match = table(`/{${name}}`).match("GET", "/polluted");
    if (match.kind !== "found") throw new Error(match.kind);
    expect(Object.entries(match.params)).toEqual([[name, "polluted"]]);
    expect(Object.getPrototypeOf(match.params)).toBeNull();
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  test("that are absent are undefined, even when objects usually have them", () => {
    const routes = table("/{a}", "/static/x");
    for (const path of ["/1", "/static/x"]) {
      const match = routes.match("GET", path);
      expect(match.kind === "found" && match.params["constructor"]).toBeUndefined();
    }
  });

  test("of one match are not changed by the next", () => {
    const routes = table("/{a}/{b}");
    const first = routes.match("GET", "/1/2");
    routes.match("GET", "/3/4");
    expect(first).toMatchObject({ kind: "found", params: { a: "1", b: "2" } });
  });

  test("come with the pattern that matched", () => {
    expect(table("GET /{a}").match("HEAD", "/1")).toMatchObject({ pattern: { text: "GET /{a}", names: ["a"] } });
  });
});

describe("conflicts", () => {
  test("the first is thrown, naming both", () => {
    expect(() => table("GET /x", "GET /a/{x}", "GET /{y}/b")).toThrow(
      expect.objectContaining({
        code: "config.route_conflict",
        message: 'routes "GET /a/{x}" and "GET /{y}/b" overlap: both match "GET /a/b" and neither is more specific',
      }),
    );
  });

  test("the same route twice is one", () => {
    expect(() => table("/a/{x}", "/a/:y")).toThrow('routes "/a/{x}" and "/a/:y" match the same requests');
  });

  test("are listed with the entries they came with", () => {
    const entries = ["/a/{x}", "/b", "/{y}/b"].map((path, line) => ({ pattern: parsePattern("", path), line }));
    const found = RouteTable.conflicts(entries).map(({ first, second }) => [first.line, second.line]);
    expect(found).toEqual([[0, 2]]);
  });
});

/** The answer found by looking at every pattern. */
function expectedOutcome(patterns: readonly RoutePattern[], method: string, path: string): string {
  const best = mostSpecific(patterns.filter((pattern) => serves(pattern, method, path)));
  const isExact = path.endsWith("/") && best?.segments.length === path.split("/").length - 1;
  if (best !== undefined && (isExact || best.segments.at(-1)?.kind !== "rest")) return best.text;
  if (!path.endsWith("/")) {
    const slashed = mostSpecific(patterns.filter((pattern) => serves(pattern, method, `${path}/`)));
    if (slashed !== undefined && slashed.segments.length === path.split("/").length) return `-> ${path}/`;
  }
  if (best !== undefined) return best.text;
  const allowed = ["DELETE", "GET", "HEAD", "POST"].filter((other) =>
    patterns.some((pattern) => serves(pattern, other, path) || servesSlashed(pattern, other, path)),
  );
  return allowed.length === 0 ? "404" : `405 ${allowed.join(", ")}`;
}

function servesSlashed(pattern: RoutePattern, method: string, path: string): boolean {
  return serves(pattern, method, `${path}/`) && pattern.segments.length === path.split("/").length;
}

function mostSpecific(patterns: readonly RoutePattern[]): RoutePattern | undefined {
  return patterns.find((pattern) =>
    patterns.every((other) => other === pattern || comparePatterns(pattern, other) === "moreSpecific"),
  );
}

test("the tree answers as looking at every pattern does", () => {
  const random = seeded(42);
  const paths = smallPaths();
  const seen = new Map<string, number>();
  for (let round = 0; round < 300; round++) {
    const patterns: RoutePattern[] = [];
    for (let tries = 0; tries < 14; tries++) {
      const entry = { pattern: randomPattern(random) };
      const entries = [...patterns.map((pattern) => ({ pattern })), entry];
      if (RouteTable.conflicts(entries).length === 0) patterns.push(entry.pattern);
    }
    const routes = RouteTable.build(patterns.map((pattern) => ({ pattern, value: pattern.text })));
    for (let request = 0; request < 60; request++) {
      const method = ["GET", "HEAD", "POST", "DELETE"][random(4)] ?? "";
      const path = paths[random(paths.length)] ?? "";
      const found = routes.match(method, path);
      const actual = found.kind === "found" ? found.value : outcome(routes, method, path);
      const expected = expectedOutcome(patterns, method, path);
      const all = patterns.map((pattern) => pattern.text);
      expect([method, path, actual, all]).toEqual([method, path, expected, all]);
      seen.set(found.kind, (seen.get(found.kind) ?? 0) + 1);
    }
  }
  for (const kind of ["found", "redirect", "method_not_allowed", "not_found"]) {
    expect(seen.get(kind)).toBeGreaterThan(100);
  }
});
