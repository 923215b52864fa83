import { expect, test } from "bun:test";
import { check, serve, withServer } from "../../harness/server.ts";

const withSection = (section: string) =>
  withServer(`
  - { name: hello, type: http.handler }
  - { name: id, type: http.middleware.requestid }
  - { name: strict, type: http.middleware.ratelimit, config: { requestsPerMinute: 1, burstSize: 1 } }
workflows:
  http:
${section}
`);

test("the first middleware of a route is the outermost", async () => {
  const route = (order: string) =>
    withSection(`    routes: [{ method: GET, path: /x, handler: hello, middlewares: [${order}] }]`);
  await using outer = await serve(route("id, strict"));
  await outer.get("/x");
  const refused = await outer.get("/x");
  expect(refused.status).toBe(429);
  expect(refused.headers.has("x-request-id")).toBe(true);
  await using inner = await serve(route("strict, id"));
  await inner.get("/x");
  expect((await inner.get("/x")).headers.has("x-request-id")).toBe(false);
});

test("notes of a route for readers and for documents change nothing", async () => {
  const notes = "summary: s, description: d, operationId: o, tags: [t], config: { any: 1 }";
  const yaml = withSection(`    routes: [{ method: get, path: /x, handler: hello, ${notes} }]`);
  expect(await check(yaml)).toEqual({ errors: [], warnings: [] });
  await using server = await serve(yaml);
  expect((await server.get("/x")).status).toBe(200);
});

test("several sections serve several servers", async () => {
  const yaml = `modules:
  - { name: one, type: http.server, config: { address: "127.0.0.1:0" } }
  - { name: two, type: http.server, config: { address: "localhost:0" } }
  - { name: shop, type: http.router }
  - { name: admin, type: http.router }
  - { name: hello, type: http.handler }
workflows:
  http: { server: one, router: shop, routes: [{ method: GET, path: /shop, handler: hello }] }
  http-admin: { server: two, router: admin, routes: [{ method: GET, path: /admin, handler: hello }] }
`;
  await using server = await serve(yaml);
  const [one, two] = server.engine.addresses().map(({ port }) => port);
  const status = async (port: number | undefined, path: string) =>
    (await fetch(`http://localhost:${port}${path}`)).status;
  expect([await status(one, "/shop"), await status(one, "/admin")]).toEqual([200, 404]);
  expect([await status(two, "/shop"), await status(two, "/admin")]).toEqual([404, 200]);
});

test.each([
  ["status", { server: "server", router: "router", status: "running" }],
  ["", { server: "server", router: "router", status: "running" }],
  ["check", { server: "server", router: "router", status: "running", healthStatus: "healthy" }],
  ["start", { server: "server", router: "router", status: "running", action: "server already running" }],
])("run with the action %p the section tells %j", async (action, facts) => {
  await using server = await serve(withSection("    server: server\n    routes: []"));
  const target = server.engine.current?.runtime.dispatcher.target("http", action);
  expect(await target?.run({}, { trigger: "test" })).toEqual(facts);
});

test("run with the action routes the section lists them", async () => {
  await using server = await serve(withSection("    routes: [{ method: post, path: /x, handler: hello }]"));
  const target = server.engine.current?.runtime.dispatcher.target("http", "routes");
  const result = await target?.run({}, { trigger: "test" });
  expect(result?.routes).toContainEqual({ method: "POST", path: "/x" });
});

test("an unknown action fails", async () => {
  await using server = await serve(withSection("    routes: []"));
  const target = server.engine.current?.runtime.dispatcher.target("http", "dance");
  await expect(target?.run({}, { trigger: "test" })).rejects.toThrow(
    "workflow execution failed: unknown HTTP workflow command: dance",
  );
});

test.each([
  ["    router: router", '14:5: workflows.http.routes: required config field "routes" is missing'],
  ["    routes: {}", '14:13: workflows.http.routes: config field "routes" must be a list, got map'],
  [
    "    routes: [{ path: /x, handler: hello }]",
    '14:14: workflows.http.routes[0].method: required config field "method" is missing',
  ],
  [
    "    routes: [{ method: GET, handler: hello }]",
    '14:14: workflows.http.routes[0].path: required config field "path" is missing',
  ],
  [
    "    routes: [{ method: GET, path: /x }]",
    '14:14: workflows.http.routes[0].handler: required config field "handler" is missing',
  ],
  [
    "    routes: [{ method: GET, path: /x, handler: helo }]",
    "14:48: workflows.http.routes[0].handler: service 'helo' is not defined",
  ],
  [
    "    routes: [{ method: GET, path: /x, handler: router }]",
    "14:48: workflows.http.routes[0].handler: module 'router' (type http.router) is not an HTTP handler",
  ],
  [
    "    routes: [{ method: GET, path: /x, handler: hello, middlewares: [hello] }]",
    "14:69: workflows.http.routes[0].middlewares[0]: module 'hello' (type http.handler) is not an HTTP middleware",
  ],
  [
    "    routes: [{ method: GET, path: /x, handler: hello, middlewares: [none] }]",
    "14:69: workflows.http.routes[0].middlewares[0]: service 'none' is not defined",
  ],
  ["    router: none\n    routes: []", "14:13: workflows.http.router: service 'none' is not defined"],
])("the section %p is refused", async (section, message) => {
  expect((await check(withSection(section))).errors).toEqual([message]);
});

test("steps at a route whose handler runs none are called out", async () => {
  const steps = "steps: [{ name: s, type: step.set, config: { values: { a: b } } }]";
  const yaml = withSection(`    routes: [{ method: GET, path: /x, handler: hello, ${steps} }]`);
  expect((await check(yaml)).warnings).toEqual([
    "14:14: workflows.http.routes[0]: handler 'hello' runs no route pipelines; its steps have no effect",
  ]);
});
