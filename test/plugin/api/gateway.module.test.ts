import { afterAll, expect, test } from "bun:test";
import { request } from "node:http";
import { ManualClock } from "../../harness/manual_clock.ts";
import { check, serve, withServer } from "../../harness/server.ts";

const backend = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  idleTimeout: 0,
  async fetch(request) {
    const { pathname, search } = new URL(request.url);
    if (pathname.endsWith("/never")) return await new Promise<Response>(() => {});
    const headers = { "access-control-allow-origin": "https://backend.example", "x-backend": "yes" };
    const { method } = request;
    const forwarded = request.headers.get("x-forwarded-for");
    return Response.json({ method, path: pathname + search, forwarded, body: await request.text() }, { headers });
  },
});
afterAll(() => backend.stop(true));

const origin = `http://127.0.0.1:${backend.port}`;

const gateway = (config: string) =>
  withServer(`
  - name: gateway
    type: api.gateway
    config: ${config}
workflows:
  http:
    routes:
${["GET", "POST", "DELETE", "OPTIONS"]
  .map((method) => `      - { method: ${method}, path: "/{path...}", handler: gateway }`)
  .join("\n")}`);

const route = (prefix: string, rest = "", base = "") => `{ pathPrefix: ${prefix}, backend: "${origin}${base}"${rest} }`;

test.each([
  ["/api/users/7?x=1", "/api/users/7?x=1"],
  ["/api/users", "/api/users"],
  ["/orders/9/", "/v2/9/"],
  ["/orders", "/v2/"],
  ["/%6Frders/9", "/v2/9"],
  ["/deep/er/x", "/er/x"],
])("GET %s reaches the backend as %s", async (path, expected) => {
  const routes = [
    route("/api"),
    route("/orders", ", stripPrefix: true", "/v2"),
    route("/deep", ", stripPrefix: true"),
    route("/deep/er/y", ", methods: [POST]"),
  ];
  await using server = await serve(gateway(`{ routes: [${routes.join(", ")}] }`));
  const answer = await server.get(path);
  expect([answer.status, answer.headers.get("x-backend")]).toEqual([200, "yes"]);
  expect(await answer.json()).toEqual({ method: "GET", path: expected, forwarded: "127.0.0.1", body: "" });
});

test("the longest prefix wins wherever it stands, and a body is passed on", async () => {
  await using server = await serve(
    gateway(`{ routes: [${route("/a")}, ${route("/a/b", ", stripPrefix: true")}, ${route("/")}] }`),
  );
  expect(await (await server.post("/a/b/c", { n: 1 })).json()).toMatchObject({ path: "/c", body: '{"n":1}' });
  expect(await (await server.get("/apple")).json()).toMatchObject({ path: "/apple" });
});

const unauthorized = [401, '{"error":"unauthorized"}\n'] as const;

test.each([
  ["a path below no prefix", "/apple", {}, [404, '{"error":"no route matched"}\n']],
  ["a method that is not listed", "/a/x", { method: "DELETE" }, [405, '{"error":"method not allowed"}\n']],
  ["a request without a credential", "/b/x", {}, unauthorized],
  ["a credential of another kind", "/b/x", { headers: { authorization: "Basic eDp5" } }, unauthorized],
  ["an empty credential", "/b/x", { headers: { authorization: "Bearer " } }, unauthorized],
] as const)("%s is refused", async (_name, path, init, [status, body]) => {
  const routes = [route("/a", ", methods: [get, POST]"), route("/b", ", auth: true, methods: [GET]")];
  await using server = await serve(gateway(`{ routes: [${routes.join(", ")}] }`));
  const answer = await server.fetch(path, init);
  expect<unknown>([answer.status, await answer.text()]).toEqual([status, body]);
  expect(answer.headers.get("content-type")).toBe("text/plain; charset=utf-8");
  expect(answer.headers.get("allow")).toBe(status === 405 ? "GET, POST" : null);
  expect(answer.headers.get("www-authenticate")).toBe(status === 401 ? "Bearer" : null);
});

test.each([
  ["bearer", "{}", { authorization: "bearer t" }],
  ["basic", "{ type: basic }", { authorization: "Basic eDp5" }],
  ["api_key", "{ type: api_key, header: X-Key }", { "x-key": "k" }],
])("a %s credential lets a request through", async (_name, auth, headers) => {
  await using server = await serve(gateway(`{ auth: ${auth}, routes: [${route("/b", ", auth: true")}] }`));
  expect((await server.get("/b/x")).status).toBe(401);
  expect((await server.get("/b/x", headers)).status).toBe(200);
});

test("the limit of a route counts its requests alone, and refills with time", async () => {
  const clock = new ManualClock();
  const routes = [route("/a", ", rateLimit: { requestsPerMinute: 6, burstSize: 1 }"), route("/b")];
  await using server = await serve(gateway(`{ routes: [${routes.join(", ")}] }`), { clock });
  const statuses = async (...paths: string[]) => {
    const found: number[] = [];
    for (const path of paths) found.push((await server.get(path)).status);
    return found;
  };
  expect(await statuses("/a", "/a", "/b", "/b")).toEqual([200, 429, 200, 200]);
  const refused = await server.get("/a");
  expect([refused.headers.get("retry-after"), await refused.text()]).toEqual([
    "10",
    '{"error":"rate limit exceeded"}\n',
  ]);
  await clock.advance(10_000);
  expect(await statuses("/a", "/a")).toEqual([200, 429]);
});

test("the gateway's own limit counts every route, with a burst of a minute's requests", async () => {
  const routes = `[${route("/a")}, ${route("/b")}]`;
  await using server = await serve(gateway(`{ globalRateLimit: { requestsPerMinute: 2 }, routes: ${routes} }`), {
    clock: new ManualClock(),
  });
  const statuses = [];
  for (const path of ["/a", "/b", "/a"]) statuses.push((await server.get(path)).status);
  expect(statuses).toEqual([200, 200, 429]);
});

test("each client has its own limit", async () => {
  const config = `{ globalRateLimit: { requestsPerMinute: 1 }, routes: [${route("/a")}] }`;
  await using server = await serve(gateway(config), { clock: new ManualClock() });
  const ask = async (client: string) => (await server.get("/a", { "x-forwarded-for": client })).status;
  expect([await ask("192.0.2.1"), await ask("192.0.2.1"), await ask("192.0.2.2")]).toEqual([200, 429, 200]);
});

test("counts survive a reload that does not change the gateway", async () => {
  const yaml = gateway(`{ globalRateLimit: { requestsPerMinute: 1 }, routes: [${route("/a")}] }`);
  await using server = await serve(yaml, { clock: new ManualClock() });
  expect((await server.get("/a")).status).toBe(200);
  await server.reload(`${yaml}\n# changed`);
  expect((await server.get("/a")).status).toBe(429);
});

const cors = (rules: string) => gateway(`{ cors: ${rules}, routes: [${route("/a")}] }`);
const page = { origin: "https://app.example" };

test("listed origins get CORS headers in place of the backend's, and the preflight ends at the gateway", async () => {
  await using server = await serve(
    cors(`{ allowOrigins: [https://app.example], allowMethods: [GET, PUT], allowHeaders: [X-A, X-B], maxAge: 60 }`),
  );
  const expected = {
    "access-control-allow-origin": "https://app.example",
    "access-control-allow-methods": "GET, PUT",
    "access-control-allow-headers": "X-A, X-B",
    "access-control-max-age": "60",
    vary: "Origin",
  };
  const preflight = await server.fetch("/nowhere", { method: "OPTIONS", headers: page });
  expect([preflight.status, await preflight.text()]).toEqual([204, ""]);
  expect(Object.fromEntries(preflight.headers)).toMatchObject(expected);
  expect(Object.fromEntries((await server.get("/a", page)).headers)).toMatchObject(expected);
  const refused = await server.get("/nowhere", page);
  expect([refused.status, refused.headers.get("access-control-allow-origin")]).toEqual([404, "https://app.example"]);
});

test("every origin may be allowed, and the rules have defaults", async () => {
  await using server = await serve(cors(`{ allowOrigins: ["*"] }`));
  const { headers } = await server.get("/a", page);
  expect(Object.fromEntries(headers)).toMatchObject({
    "access-control-allow-origin": "*",
    "access-control-allow-methods": "GET, POST, PUT, DELETE, OPTIONS",
    "access-control-allow-headers": "Content-Type, Authorization",
  });
  expect(headers.has("access-control-max-age")).toBe(false);
});

test("a foreign origin and a request without one get no CORS headers of the gateway", async () => {
  await using server = await serve(cors(`{ allowOrigins: [https://app.example] }`));
  for (const headers of [{ origin: "https://evil.example" }, {}]) {
    const preflight = await server.fetch("/a", { method: "OPTIONS", headers });
    expect([preflight.status, preflight.headers.has("access-control-allow-origin")]).toEqual([204, false]);
  }
});

test("a backend that is not there is a 502 that names it, one that is too slow a 504", async () => {
  const clock = new ManualClock();
  const routes = [
    `{ pathPrefix: /gone, backend: "http://127.0.0.1:1" }`,
    route("/slow", ", timeout: 2s, stripPrefix: true"),
  ];
  await using server = await serve(gateway(`{ routes: [${routes.join(", ")}] }`), { clock });
  const gone = await server.get("/gone/x");
  expect([gone.status, await gone.text()]).toEqual([
    502,
    '{"backend":"127.0.0.1:1","error":"backend unavailable","path":"/gone/x"}\n',
  ]);
  const waiting = server.get("/slow/never");
  while (clock.pendingTimers === 0) await clock.advance(0);
  await clock.advance(2000);
  const slow = await waiting;
  expect([slow.status, await slow.json()]).toEqual([
    504,
    { backend: `127.0.0.1:${backend.port}`, error: "backend timed out", path: "/slow/never" },
  ]);
});

test.each(["/a/%2e%2e/secret", "/a/x/.%2E/%2e./secret"])(
  "the dots of %s do not climb out of a prefix",
  async (path) => {
    await using server = await serve(gateway(`{ routes: [${route("/a", ", stripPrefix: true", "/v1")}] }`));
    const { hostname, port } = new URL(server.url);
    // A client that parses URLs would resolve the dots itself.
    const status = await new Promise((resolve, reject) => {
      const sent = request({ hostname, port, path }, (answer) => resolve(answer.statusCode));
      sent.on("error", reject).end();
    });
    expect(status).toBe(404);
  },
);

test("a WebSocket handshake is answered 501", async () => {
  await using server = await serve(gateway(`{ routes: [${route("/a")}] }`));
  const answer = await server.get("/a", { connection: "upgrade", upgrade: "websocket" });
  expect(answer.status).toBe(501);
});

test.each([
  ["{}", `11:13: modules[2].config.routes: required config field "routes" is missing`],
  [
    "{ routes: [{ pathPrefix: /a, backend: 'ftp://x' }] }",
    `11:24: failed to initialize modules: module "gateway": routes[0].backend: "ftp://x" is not an http or https URL`,
  ],
])("%s is refused", async (config, message) => {
  expect((await check(gateway(config))).errors).toEqual([message]);
});
