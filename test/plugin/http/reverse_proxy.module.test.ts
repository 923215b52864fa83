import { expect, test } from "bun:test";
import { check, serve, withServer } from "../../harness/server.ts";
import { ManualClock } from "../../harness/manual_clock.ts";
import { deadHost, startBackend } from "./backend.ts";

const withProxy = (settings: string, rest = "") =>
  withServer(`
  - name: gateway
    type: reverseproxy
    dependsOn: [router]
    config: ${settings}
${rest}`);

test("paths lead to their backends, and all others to the default one", async () => {
  using users = startBackend("users");
  using orders = startBackend("orders");
  using web = startBackend("web");
  await using server = await serve(
    withProxy(`
      backend_services: { users: "${users.url}", orders: "${orders.url}/v2", web: "${web.url}" }
      default_backend: web
      routes: { /api/users/*: users, /api/orders: orders }`),
  );
  const from = async (path: string) => (await server.get(path)).json();
  expect(await from("/api/users/1/posts")).toEqual({ from: "users" });
  expect(await from("/api/orders?x=1")).toEqual({ from: "orders" });
  expect(await from("/api/orders/1")).toEqual({ from: "web" });
  expect(await from("/")).toEqual({ from: "web" });
  expect(orders.seen[0]?.path).toBe("/v2/api/orders?x=1");
});

test.each(["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])("%s is passed on", async (method) => {
  using backend = startBackend("b");
  await using server = await serve(withProxy(`{ backend_services: { b: "${backend.url}" }, default_backend: b }`));
  expect((await server.fetch("/x", { method })).status).toBe(200);
  expect(backend.seen[0]?.method).toBe(method);
});

test("without a default backend, other paths are not found", async () => {
  using backend = startBackend("b");
  await using server = await serve(withProxy(`{ backend_services: { b: "${backend.url}" }, routes: { /a: b } }`));
  expect((await server.get("/a")).status).toBe(200);
  expect((await server.get("/b")).status).toBe(404);
});

test("a narrower route of the user's comes first", async () => {
  using backend = startBackend("b");
  const yaml = withProxy(
    `{ backend_services: { b: "${backend.url}" }, default_backend: b }`,
    `  - { name: hello, type: http.handler }
workflows:
  http: { routes: [{ method: GET, path: /hello, handler: hello }] }
`,
  );
  await using server = await serve(yaml);
  expect(await (await server.get("/hello")).json()).toMatchObject({ handler: "hello" });
  expect(await (await server.post("/hello")).json()).toEqual({ from: "b" });
});

test("settings come from the top-level section too, and the module's own win", async () => {
  using one = startBackend("one");
  using two = startBackend("two");
  const section = (module: string) => `
modules:
  - { name: server, type: http.server, config: { address: "127.0.0.1:0" } }
  - { name: router, type: http.router, dependsOn: [server] }
  - { name: gateway, type: http.proxy, dependsOn: [router]${module} }
reverseproxy:
  backend_services: { one: "${one.url}", two: "${two.url}" }
  default_backend: one
`;
  await using server = await serve(section(""));
  expect(await (await server.get("/x")).json()).toEqual({ from: "one" });
  await server.reload(section(", config: { default_backend: two }"));
  expect(await (await server.get("/x")).json()).toEqual({ from: "two" });
});

test("a mistake in the top-level section is reported where it stands", async () => {
  const yaml = (section: string) => `${withProxy("{}")}reverseproxy: ${section}`;
  expect((await check(yaml("[a]"))).errors).toEqual(["13:15: reverseproxy: must be a map, got list"]);
  expect((await check(yaml("{ timeout: -1 }"))).warnings).toEqual([
    '13:26: modules[2].config.timeout: config field "timeout" must be at least 0.001, got "-1"; the default 30 is used',
  ]);
});

test("a backend that is not defined, or cannot be reached, is answered 502", async () => {
  const host = deadHost();
  await using server = await serve(
    withProxy(`{ backend_services: { down: "http://${host}" }, routes: { /a: missing, /b: down } }`),
  );
  const missing = await server.get("/a");
  expect(missing.status).toBe(502);
  expect(await missing.json()).toEqual({ backend: "missing", error: "backend unavailable", path: "/a" });
  expect((await server.logged('Backend "missing" is not defined in backend_services')).level).toBe("warn");
  const down = await server.get("/b");
  expect(down.status).toBe(502);
  expect(await down.json()).toEqual({ backend: host, error: "backend unavailable", path: "/b" });
});

test("timeout is the time in seconds until a backend must begin to answer", async () => {
  const asked = Promise.withResolvers<void>();
  using backend = startBackend("slow", () => {
    asked.resolve();
    return new Promise<Response>(() => {});
  });
  const clock = new ManualClock();
  const yaml = withProxy(`{ backend_services: { b: "${backend.url}" }, default_backend: b, timeout: 2.5 }`);
  await using server = await serve(yaml, { clock });
  const waiting = server.get("/x");
  await asked.promise;
  await clock.advance(2_500);
  expect((await waiting).status).toBe(504);
});

test("forward_headers limits what backends see to the list and what every request needs", async () => {
  using backend = startBackend("b");
  const headers = { authorization: "Bearer t", "x-a": "1", "x-b": "2", accept: "text/plain", cookie: "c=1" };
  const yaml = (list: string) => withProxy(`{ backend_services: { b: "${backend.url}" }, default_backend: b${list} }`);
  await using server = await serve(yaml(""));
  await server.get("/x", headers);
  await server.reload(yaml(", forward_headers: [Authorization, X-A]"));
  await server.get("/x", headers);
  const shown = backend.seen.map((request) =>
    ["authorization", "x-a", "x-b", "cookie", "accept", "x-forwarded-for"].filter((name) => request.headers.has(name)),
  );
  expect(shown).toEqual([
    ["authorization", "x-a", "x-b", "cookie", "accept", "x-forwarded-for"],
    ["authorization", "x-a", "accept", "x-forwarded-for"],
  ]);
});

const composite = (strategy: string, one: string, two: string) =>
  withProxy(`
      backend_services: { one: "${one}", two: "${two}" }
      composite_routes:
        pair: { pattern: /pair, backends: [one, two], strategy: ${strategy} }`);

test("select gives the first answer of a backend that works", async () => {
  using broken = startBackend("broken", () => new Response("no", { status: 500 }));
  using good = startBackend("good");
  await using server = await serve(composite("select", broken.url, good.url));
  expect(await (await server.get("/pair")).json()).toEqual({ from: "good" });
  const put = await server.fetch("/pair", { method: "PUT", body: "again" });
  expect(await put.json()).toEqual({ from: "good" });
  expect(good.seen[1]?.body).toBe("again");
  await server.reload(composite("select", `http://${deadHost()}`, good.url));
  expect(await (await server.get("/pair")).json()).toEqual({ from: "good" });
  await server.reload(composite("select", good.url, broken.url));
  expect(await (await server.get("/pair")).json()).toEqual({ from: "good" });
});

test("select sends a request that is not idempotent to one backend only", async () => {
  using broken = startBackend("broken", () => new Response("no", { status: 500 }));
  using good = startBackend("good");
  await using server = await serve(composite("select", broken.url, good.url));
  const answer = await server.post("/pair", { n: 1 });
  expect(answer.status).toBe(500);
  expect(broken.seen[0]?.body).toBe('{"n":1}');
  expect(good.seen).toEqual([]);
});

test("select answers 502 when no backend works", async () => {
  const last = deadHost();
  await using server = await serve(composite("select", `http://${deadHost()}`, `http://${last}`));
  const answer = await server.get("/pair");
  expect(answer.status).toBe(502);
  expect(await answer.json()).toEqual({ backend: last, error: "backend unavailable", path: "/pair" });
});

test("merge gives one object with the answers of all", async () => {
  using one = startBackend("one", ({ body }) => Response.json({ got: body }));
  using two = startBackend("two", () => new Response("plain"));
  await using server = await serve(composite("merge", one.url, two.url));
  const answer = await server.post("/pair", "asked", { range: "bytes=0-1", "if-none-match": '"x"' });
  expect(await answer.text()).toBe('{"one":{"got":"asked"},"two":"plain"}\n');
  expect(one.seen[0]?.headers.get("accept-encoding")).toBe("identity");
  expect(one.seen[0]?.headers.has("range")).toBe(false);
  expect(one.seen[0]?.headers.has("if-none-match")).toBe(false);
});

test("merge names the backends that failed, and is 502 when all did", async () => {
  using one = startBackend("one");
  using two = startBackend("two", () => new Response("no", { status: 404 }));
  await using server = await serve(composite("merge", one.url, two.url));
  const answer = await server.get("/pair");
  expect(answer.status).toBe(200);
  expect(await answer.json()).toEqual({ one: { from: "one" }, two: { error: "backend answered 404" } });
  await server.reload(composite("merge", `http://${deadHost()}`, two.url));
  const none = await server.get("/pair");
  expect(none.status).toBe(502);
  expect(await none.json()).toEqual({
    one: { error: "backend unavailable" },
    two: { error: "backend answered 404" },
  });
});

test("merge holds answers and requests of a bounded size only", async () => {
  using one = startBackend("one");
  using huge = startBackend("huge", () => new Response("x".repeat(11 * 1024 * 1024)));
  const yaml = composite("merge", one.url, huge.url).replace("config: {", "config: { maxBodyBytes: 10,");
  await using server = await serve(yaml);
  expect(await (await server.get("/pair")).json()).toEqual({
    one: { from: "one" },
    two: { error: "backend unavailable" },
  });
  expect((await server.post("/pair", "12345678901")).status).toBe(413);
});

test.each([
  ["{ routes: { /a/*/b: x } }", 'path "/a/*/b": "*" may only stand at the end, after a slash'],
  ['{ backend_services: { x: "nowhere" } }', 'backend_services.x: "nowhere" is not an absolute http or https URL'],
])("the settings %s are refused", async (settings, message) => {
  expect((await check(withProxy(settings))).errors).toEqual([
    `9:5: failed to initialize modules: module "gateway": ${message}`,
  ]);
});

test("router names the router for the paths", async () => {
  using backend = startBackend("b");
  const yaml = (router: string) => `modules:
  - { name: one, type: http.server, config: { address: "127.0.0.1:0" } }
  - { name: first, type: http.router, dependsOn: [one] }
  - { name: two, type: http.server, config: { address: "localhost:0" } }
  - { name: second, type: http.router, dependsOn: [two] }
  - name: gateway
    type: reverseproxy
    config: { backend_services: { b: "${backend.url}" }, default_backend: b${router} }
`;
  await using named = await serve(yaml(", router: second"));
  expect((await named.get("/x")).status).toBe(404);
  await using found = await serve(yaml(""));
  expect((await found.get("/x")).status).toBe(200);
});
