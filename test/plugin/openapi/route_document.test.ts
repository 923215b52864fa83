import { expect, test } from "bun:test";
import { describeRoutes } from "../../../src/plugin/openapi/route_document.ts";
import { type Route, RouteRank } from "../../../src/port/http.ts";

const info = { title: "T", version: "1", description: "", servers: [] };
const route = (method: string, path: string, rest: Partial<Route> = {}): Route => ({
  method,
  path,
  handle: () => new Response(),
  rank: RouteRank.section,
  source: "workflows.http.routes[0]",
  ...rest,
});

function operationsOf(...routes: readonly Route[]): unknown {
  return describeRoutes(info, routes).paths;
}

test("what a route says of itself is in its operation", () => {
  const document = { summary: "S", description: "D", operationId: "op", tags: ["a"] };
  expect(operationsOf(route("GET", "/x", { document }))).toMatchObject({ "/x": { get: document } });
});

test("a description alone is also the summary", () => {
  expect(operationsOf(route("GET", "/x", { document: { description: "D" } }))).toMatchObject({
    "/x": { get: { summary: "D", description: "D" } },
  });
});

test("a route behind a middleware that requires a credential may answer 401 and 403", () => {
  const wrap = (next: Route["handle"]) => next;
  const responses = { "401": { description: "No valid credential" }, "403": { description: "Not allowed" } };
  const guarded = route("GET", "/x", { middlewares: [{ wrap }, { wrap, requiresCredential: true }] });
  expect(operationsOf(guarded)).toMatchObject({ "/x": { get: { responses } } });
  expect(operationsOf(route("GET", "/x", { middlewares: [{ wrap }] }))).toMatchObject({
    "/x": { get: { responses: { "200": { description: "Success" } } } },
  });
});

test("operation ids stay unique", () => {
  const named = (path: string) => route("GET", path, { document: { operationId: "op" } });
  expect(operationsOf(named("/a"), named("/b"), named("/c"))).toMatchObject({
    "/a": { get: { operationId: "op" } },
    "/b": { get: { operationId: "op_2" } },
    "/c": { get: { operationId: "op_3" } },
  });
});

test("of two routes for the same operation the first is described, and unknown methods are left out", () => {
  const first = route("GET", "/x/{id}", { document: { summary: "first" } });
  const second = route("GET", "/x/:id", { document: { summary: "second" } });
  expect(operationsOf(first, second, route("CONNECT", "/y"), route("", "/z"))).toEqual({
    "/x/{id}": {
      get: {
        summary: "first",
        operationId: "getXBy_id",
        parameters: [{ name: "id", in: "path", required: true, schema: { type: "string" } }],
        responses: { "200": { description: "Success" } },
      },
    },
  });
});

test("a path that stands for itself is written without its mark", () => {
  expect(operationsOf(route("GET", "/x/{$}"))).toHaveProperty(["/x/"]);
});
