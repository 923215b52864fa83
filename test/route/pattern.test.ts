import { describe, expect, test } from "bun:test";
import { parsePattern, type Segment } from "../../src/route/pattern.ts";

const literal = (text: string): Segment => ({ kind: "literal", text });
const wildcard = (name: string): Segment => ({ kind: "wildcard", name });
const rest = (name: string): Segment => ({ kind: "rest", name });
const end: Segment = { kind: "end" };

test.each<[string, Segment[], string[]]>([
  ["/", [rest("")], []],
  ["/{$}", [end], []],
  ["/{path...}", [rest("path")], ["path"]],
  ["/orders", [literal("orders")], []],
  ["/orders/", [literal("orders"), rest("")], []],
  ["/orders/{$}", [literal("orders"), end], []],
  ["/orders/{id}", [literal("orders"), wildcard("id")], ["id"]],
  ["/orders/:id/items/{item}", [literal("orders"), wildcard("id"), literal("items"), wildcard("item")], ["id", "item"]],
  ["/{a}/{b...}", [wildcard("a"), rest("b")], ["a", "b"]],
  ["/{_a1}/{größe}", [wildcard("_a1"), wildcard("größe")], ["_a1", "größe"]],
  ["/{__proto__}", [wildcard("__proto__")], ["__proto__"]],
  ["/v1/things:batch", [literal("v1"), literal("things:batch")], []],
  ["/a%20b/caf%C3%A9", [literal("a b"), literal("café")], []],
  ["/a%2Fb", [literal("a/b")], []],
  ["/%7Bid%7D", [literal("{id}")], []],
  ["/100%", [literal("100%")], []],
  ["/.well-known/x", [literal(".well-known"), literal("x")], []],
])("the path %s is read", (path, segments, names) => {
  expect(parsePattern("GET", path)).toEqual({ method: "GET", path, text: `GET ${path}`, segments, names });
});

test.each([
  ["get", "GET", "GET /a"],
  [" Post ", "POST", "POST /a"],
  ["M-SEARCH", "M-SEARCH", "M-SEARCH /a"],
  ["", "", "/a"],
])("the method %p is %p", (written, method, text) => {
  expect(parsePattern(written, "/a")).toMatchObject({ method, text });
});

describe("refusals", () => {
  test.each([
    ["", "the path is empty"],
    ["orders", 'the path must start with "/"'],
    ["example.com/orders", 'the path must start with "/"'],
    ["//a", 'no request can match an unclean path, write "/a"'],
    ["/a/../b", 'no request can match an unclean path, write "/b"'],
    ["/a//", 'no request can match an unclean path, write "/a/"'],
    ["/{}", '"{}" has no parameter name'],
    ["/{...}", '"{...}" has no parameter name'],
    ["/:", '":" has no parameter name'],
    ["/{order-id}", '"{order-id}" is not a parameter: use letters, digits and "_" for its name'],
    ["/:order-id", '":order-id" is not a parameter: use letters, digits and "_" for its name'],
    ["/{1a}", '"{1a}" is not a parameter: use letters, digits and "_" for its name'],
    ["/{a}b}", '"{a}b}" is not a parameter: use letters, digits and "_" for its name'],
    ["/{a b}", '"{a b}" is not a parameter: use letters, digits and "_" for its name'],
    ["/x{id}", 'a parameter must be a whole segment, but "x{id}" has text before "{"'],
    ["/{id}.json", 'a parameter must be a whole segment, but "{id}.json" does not end with "}"'],
    ["/{id", 'a parameter must be a whole segment, but "{id" does not end with "}"'],
    ["/{rest...}/x", '"{rest...}" may only stand at the end'],
    ["/{rest...}/", '"{rest...}" may only stand at the end'],
    ["/{$}/x", '"{$}" may only stand at the end'],
    ["/{$}/", '"{$}" may only stand at the end'],
    ["/{id}/{id}", 'the parameter "id" stands twice'],
    ["/{id}/:id", 'the parameter "id" stands twice'],
    ["/{id}/{id...}", 'the parameter "id" stands twice'],
  ])("%p", (path, reason) => {
    expect(() => parsePattern("", path)).toThrow(
      expect.objectContaining({ code: "config.value", message: `invalid route "${path}": ${reason}` }),
    );
  });

  test.each([["GET POST"], ["GET,POST"], ["G/T"], ["Ü"]])("the method %p", (method) => {
    expect(() => parsePattern(method, "/a")).toThrow("the method is not a valid HTTP method");
  });

  test("a path of more than 2048 characters", () => {
    expect(() => parsePattern("GET", `/${"a".repeat(2_048)}`)).toThrow("the path is longer than 2048 characters");
    expect(parsePattern("GET", `/${"a".repeat(2_047)}`).segments).toBeArrayOfSize(1);
  });
});
