import { expect, test } from "bun:test";
import { rawRequest } from "../../bad_input/raw_request.ts";
import { check, serve, withServer } from "../../harness/server.ts";
import { ManualClock } from "../../harness/manual_clock.ts";
import { deadHost, startBackend } from "./backend.ts";

const proxying = (settings: string, methods = ["GET", "POST"]) =>
  withServer(`
  - { name: proxy, type: http.simple_proxy, config: ${settings} }
workflows:
  http:
    routes:
${methods.map((method) => `      - { method: ${method}, path: "/{path...}", handler: proxy }`).join("\n")}
`);

test("the longest prefix that ends at a slash picks the backend", async () => {
  using web = startBackend("web");
  using api = startBackend("api");
  using users = startBackend("users");
  const targets = JSON.stringify({ "/": web.url, "/api": api.url, "/api/users": users.url });
  await using server = await serve(proxying(`{ targets: ${targets} }`));
  const from = async (path: string) => (await server.get(path)).json();
  expect(await from("/index")).toEqual({ from: "web" });
  expect(await from("/api")).toEqual({ from: "api" });
  expect(await from("/api/orders")).toEqual({ from: "api" });
  expect(await from("/apian")).toEqual({ from: "web" });
  expect(await from("/api/users/7")).toEqual({ from: "users" });
  expect(await from("/%61pi/users/7")).toEqual({ from: "users" });
});

test("the whole path is appended to the backend's, and the queries are joined", async () => {
  using backend = startBackend("b");
  await using server = await serve(proxying(`{ targets: { /api: "${backend.url}/base/?key=1" } }`));
  await server.get("/api/a%20b/c%2Fd?x=2&y=%26");
  expect(backend.seen[0]?.path).toBe("/base/api/a%20b/c%2Fd?key=1&x=2&y=%26");
});

test("the backend sees the client's host and address, and no header of the connection", async () => {
  using backend = startBackend("b");
  await using server = await serve(proxying(`{ targets: { /: "${backend.url}" } }`));
  const port = new URL(server.url).port;
  await rawRequest(
    server,
    `GET /x HTTP/1.1\r\nHost: shop.example:${port}\r\nConnection: close, X-Secret\r\nX-Secret: 1\r\n` +
      "Keep-Alive: 5\r\nTE: trailers\r\nProxy-Authorization: Basic eA==\r\nUpgrade: h2c\r\nX-Kept: yes\r\n" +
      "X-Forwarded-For: 203.0.113.9\r\n\r\n",
  );
  const headers = backend.seen[0]?.headers;
  expect(headers?.get("host")).toBe(`shop.example:${port}`);
  expect(headers?.get("x-forwarded-for")).toBe("203.0.113.9, 127.0.0.1");
  expect(headers?.get("x-forwarded-host")).toBe(`shop.example:${port}`);
  expect(headers?.get("x-forwarded-proto")).toBe("http");
  expect(headers?.get("x-kept")).toBe("yes");
  for (const name of ["x-secret", "keep-alive", "te", "proxy-authorization", "upgrade"]) {
    expect(headers?.has(name)).toBe(false);
  }
});

test("method, body, status and headers pass unchanged, redirects and compression included", async () => {
  const zipped = Bun.gzipSync("compressed");
  using backend = startBackend("b", ({ path }) => {
    if (path === "/moved") return new Response(null, { status: 302, headers: { location: "/else" } });
    if (path === "/zipped") return new Response(zipped, { headers: { "content-encoding": "gzip" } });
    const headers = new Headers({ "x-backend": "yes", connection: "x-hop", "x-hop": "1" });
    headers.append("set-cookie", "a=1");
    headers.append("set-cookie", "b=2");
    return new Response("made", { status: 201, headers });
  });
  await using server = await serve(proxying(`{ targets: { /: "${backend.url}" } }`));
  const made = await server.post("/make", "posted text", { "content-type": "text/plain" });
  expect(made.status).toBe(201);
  expect(await made.text()).toBe("made");
  expect(made.headers.get("x-backend")).toBe("yes");
  expect(made.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
  expect(made.headers.has("x-hop")).toBe(false);
  expect(backend.seen[0]).toMatchObject({ method: "POST", body: "posted text" });
  expect(backend.seen[0]?.headers.get("content-type")).toBe("text/plain");
  expect((await server.get("/moved")).headers.get("location")).toBe("/else");
  const packed = await server.get("/zipped", { "accept-encoding": "gzip" });
  expect(packed.headers.get("content-encoding")).toBe("gzip");
  expect(await packed.text()).toBe("compressed");
});

test("HEAD keeps the length, and the body of a GET is left behind", async () => {
  using backend = startBackend("b", () => new Response("12345"));
  await using server = await serve(proxying(`{ targets: { /: "${backend.url}" } }`));
  const head = await server.fetch("/x", { method: "HEAD" });
  expect(head.headers.get("content-length")).toBe("5");
  expect(await head.text()).toBe("");
  const get = await rawRequest(server, "GET /x HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc");
  expect(get).toMatchObject({ status: 200, body: "12345" });
  expect(backend.seen.map(({ method, body }) => ({ method, body }))).toEqual([
    { method: "HEAD", body: "" },
    { method: "GET", body: "" },
  ]);
});

test("bodies are streamed: the client reads the beginning before the backend has finished", async () => {
  const held = Promise.withResolvers<void>();
  using backend = startBackend("b", () => {
    const body = new ReadableStream<Uint8Array>({
      async start(controller) {
        controller.enqueue(new TextEncoder().encode("first"));
        await held.promise;
        controller.enqueue(new TextEncoder().encode(" last"));
        controller.close();
      },
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  });
  await using server = await serve(proxying(`{ targets: { /: "${backend.url}" } }`));
  const reader = (await server.get("/events")).body?.getReader();
  expect(new TextDecoder().decode((await reader?.read())?.value)).toBe("first");
  held.resolve();
  expect(new TextDecoder().decode((await reader?.read())?.value)).toBe(" last");
});

test("a body larger than maxBodyBytes passes, since it is not held in memory", async () => {
  using backend = startBackend("b", ({ body }) => new Response(String(body.length)));
  const yaml = proxying(`{ targets: { /: "${backend.url}" } }`).replace("config: {", "config: { maxBodyBytes: 10,");
  await using server = await serve(yaml);
  const answer = await server.post("/x", "x".repeat(300_000), { "content-type": "text/plain" });
  expect(await answer.text()).toBe("300000");
});

test("a client that goes away ends the request to the backend", async () => {
  const asked = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  const backend = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch(request) {
      request.signal.addEventListener("abort", () => ended.resolve());
      asked.resolve();
      return new Promise<Response>(() => {});
    },
  });
  await using server = await serve(proxying(`{ targets: { /: "http://127.0.0.1:${backend.port}" } }`));
  const abort = new AbortController();
  const request = server.fetch("/x", { signal: abort.signal });
  await asked.promise;
  abort.abort();
  await expect(request).rejects.toThrow();
  await ended.promise;
  expect(server.records.filter(({ level }) => level === "error")).toEqual([]);
  await backend.stop(true);
});

test("a path without a backend is answered 502", async () => {
  await using server = await serve(proxying('{ targets: { /api: "http://127.0.0.1:1" } }'));
  const answer = await server.get("/other");
  expect(answer.status).toBe(502);
  expect(answer.headers.get("content-type")).toBe("text/plain; charset=utf-8");
  expect(await answer.text()).toBe("no backend configured for path\n");
});

test("a backend that cannot be reached is answered 502, and the log has the reason", async () => {
  const host = deadHost();
  await using server = await serve(proxying(`{ targets: { /: "http://${host}" } }`));
  const answer = await server.get("/x/y?z=1");
  expect(answer.status).toBe(502);
  expect(answer.headers.get("content-type")).toBe("application/json");
  expect(await answer.text()).toBe(`{"backend":"${host}","error":"backend unavailable","path":"/x/y"}\n`);
  expect((await server.logged("Backend unavailable")).attributes).toMatchObject({ module: "proxy", backend: host });
});

test("a backend that does not answer within the timeout is answered 504", async () => {
  const asked = Promise.withResolvers<void>();
  using backend = startBackend("slow", () => {
    asked.resolve();
    return new Promise<Response>(() => {});
  });
  const clock = new ManualClock();
  await using server = await serve(proxying(`{ targets: { /: "${backend.url}" }, timeout: 5s }`), { clock });
  const waiting = server.get("/x");
  await asked.promise;
  await clock.advance(5_000);
  const answer = await waiting;
  expect(answer.status).toBe(504);
  expect(await answer.json()).toEqual({ backend: backend.host, error: "backend timed out", path: "/x" });
});

test("a WebSocket handshake is answered 501, and other offers to upgrade are ignored", async () => {
  using backend = startBackend("b");
  await using server = await serve(proxying(`{ targets: { /: "${backend.url}" } }`));
  const upgrade = (protocol: string) =>
    rawRequest(server, `GET /x HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: ${protocol}\r\n\r\n`);
  const refused = await upgrade("websocket");
  expect(refused.status).toBe(501);
  expect(JSON.parse(refused.body)).toEqual({
    backend: backend.host,
    error: "WebSocket is not passed on",
    path: "/x",
  });
  expect((await upgrade("h2c")).status).toBe(200);
});

const failed = '9:5: failed to initialize modules: module "proxy": targets./a: ';

test.each([
  ["{}", '9:53: modules[2].config.targets: required config field "targets" is missing'],
  [
    '{ targets: { /a: "nowhere" } }',
    `${failed}proxy target must be a string URL: "nowhere" is not an absolute http or https URL`,
  ],
  [
    '{ targets: { /a: "ftp://x" } }',
    `${failed}proxy target must be a string URL: "ftp://x" is not an absolute http or https URL`,
  ],
])("the settings %s are refused", async (settings, message) => {
  expect((await check(proxying(settings))).errors).toEqual([message]);
});
