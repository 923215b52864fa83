import { expect, test } from "bun:test";
import { freePort } from "../harness/process.ts";
import { openRequest } from "../harness/open_request.ts";
import { serve, type TestServer } from "../harness/server.ts";

const config = (version: string, settings = 'address: "127.0.0.1:0"', more = "") => `modules:
  - name: server
    type: http.server
    config: { ${settings} }
  - name: router
    type: http.router
    dependsOn: [server]
${more}pipelines:
  p:
    trigger: { type: http, config: { method: POST, path: /p } }
    steps:
      - { name: answer, type: step.json_response, config: { body: { version: "${version}" } } }
`;
const portOf = (server: TestServer) => server.engine.addresses()[0]?.port ?? 0;
const version = async (server: TestServer) => (await server.post("/p", {})).json();

test("a request in flight is finished by the old configuration while new ones get the new one", async () => {
  await using server = await serve(config("old"));
  const port = portOf(server);
  using request = await openRequest(port, "/p", '{"a":1}');
  await server.reload(config("new"));
  expect(await version(server)).toEqual({ version: "new" });
  expect(await request.finish()).toContain('{"version":"old"}');
  await server.engine.settled();
  expect(portOf(server)).toBe(port);
});

test("not one request fails while the configuration is replaced again and again", async () => {
  await using server = await serve(config("0"));
  const statuses = new Set<number>();
  const done = new AbortController();
  const client = async () => {
    while (!done.signal.aborted) statuses.add((await server.post("/p", {})).status);
  };
  const clients = [client(), client(), client(), client()];
  for (let round = 1; round <= 20; round++) await server.reload(config(String(round)));
  done.abort();
  await Promise.all(clients);
  await server.engine.settled();
  expect([...statuses]).toEqual([200]);
  expect(await version(server)).toEqual({ version: "20" });
}, 20_000);

test("an invalid configuration leaves the old one serving", async () => {
  await using server = await serve(config("old"));
  await expect(server.reload("modules: [{ name: a, type: no.such }]")).rejects.toThrow(
    'failed to build workflow: modules[0].type: unknown module type "no.such"',
  );
  expect(await version(server)).toEqual({ version: "old" });
  expect((await server.get("/healthz")).status).toBe(200);
});

test("a port that somebody else has leaves the old configuration serving, and frees what was bound", async () => {
  await using server = await serve(config("old"));
  const port = portOf(server);
  const free = freePort();
  using other = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("other") });
  const taken = `  - { name: second, type: http.server, config: { address: "127.0.0.1:${free}" } }
  - { name: third, type: http.server, config: { address: "127.0.0.1:${other.port}" } }
`;
  await expect(server.reload(config("new", 'address: "127.0.0.1:0"', taken))).rejects.toThrow(
    `listen on 127.0.0.1:${other.port}: port ${other.port} is already in use`,
  );
  expect(await version(server)).toEqual({ version: "old" });
  expect(server.engine.addresses()).toEqual([{ address: "127.0.0.1:0", port }]);
  using again = Bun.serve({ port: free, hostname: "127.0.0.1", reusePort: false, fetch: () => new Response("free") });
  expect(again.port).toBe(free);
});

test("another address is listened on, and the old one released once its requests are answered", async () => {
  const [first, second] = [freePort(), freePort()];
  await using server = await serve(config("old", `address: "127.0.0.1:${first}"`));
  using request = await openRequest(first, "/p", '{"a":1}');
  await server.reload(config("new", `address: "127.0.0.1:${second}"`));
  expect(server.engine.addresses()).toEqual([{ address: `127.0.0.1:${second}`, port: second }]);
  expect(await version(server)).toEqual({ version: "new" });
  await expect(fetch(`http://127.0.0.1:${first}/p`)).rejects.toThrow();
  expect(await request.finish()).toContain('{"version":"old"}');
  await server.engine.settled();
});

test("the same port may move to another interface", async () => {
  const port = freePort();
  await using server = await serve(config("old", `address: "127.0.0.1:${port}"`));
  using request = await openRequest(port, "/p", '{"a":1}');
  await server.reload(config("new", `address: ":${port}"`));
  expect(server.engine.addresses()).toEqual([{ address: `:${port}`, port }]);
  expect(await version(server)).toEqual({ version: "new" });
  expect(await request.finish()).toContain('{"version":"old"}');
});

test("a limit of the server changes without another socket, and requests in flight keep theirs", async () => {
  await using server = await serve(config("old"));
  const port = portOf(server);
  const big = JSON.stringify({ text: "x".repeat(100) });
  using request = await openRequest(port, "/p", big);
  await server.reload(config("new", 'address: "127.0.0.1:0", maxBodyBytes: 20'));
  expect(portOf(server)).toBe(port);
  expect((await server.post("/p", big)).status).toBe(413);
  expect(await request.finish()).toContain('{"version":"old"}');
});

test("what is fixed at binding changes on the same port, and comes back when the change fails", async () => {
  const port = freePort();
  const settings = (idle: string) => `address: "127.0.0.1:${port}", idleTimeout: ${idle}`;
  await using server = await serve(config("old", settings("60s")));
  using request = await openRequest(port, "/p", '{"a":1}');
  using other = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("other") });
  const taken = `  - { name: second, type: http.server, config: { address: "127.0.0.1:${other.port}" } }\n`;
  await expect(server.reload(config("new", settings("30s"), taken))).rejects.toThrow("is already in use");
  expect(await version(server)).toEqual({ version: "old" });
  await server.reload(config("new", settings("30s")));
  expect(await version(server)).toEqual({ version: "new" });
  expect(await request.finish()).toContain('{"version":"old"}');
  await server.engine.settled();
});

test("two servers that ask for any port get two", async () => {
  const second = `  - { name: second, type: http.server, config: { address: "127.0.0.1:0" } }\n`;
  await using server = await serve(config("one", 'address: "127.0.0.1:0"', second));
  const ports = server.engine.addresses().map(({ port }) => port);
  expect(new Set(ports).size).toBe(2);
  await server.reload(config("two", 'address: "127.0.0.1:0"', second));
  expect(server.engine.addresses().map(({ port }) => port)).toEqual(ports);
});

test.each([
  ["127.0.0.1:PORT", "127.0.0.1:PORT"],
  [":PORT", "127.0.0.1:PORT"],
  ["127.0.0.1:PORT", "0.0.0.0:PORT"],
  ["localhost:PORT", "127.0.0.1:PORT"],
])("two servers on one port are refused: %s and %s", async (first, second) => {
  const port = freePort();
  const fill = (text: string) => text.replace("PORT", String(port));
  const more = `  - { name: second, type: http.server, config: { address: "${fill(second)}" } }\n`;
  await using server = await serve(config("old"));
  const sent = config("new", `address: "${fill(first)}"`, more);
  const answer = await server.manage("/api/v1/admin/engine/validate", { method: "POST", body: sent });
  expect(await answer.json()).toMatchObject({
    valid: false,
    errors: [
      `request:8:59: http.server "second": port ${port} is already used by http.server "server" (line 4) ` +
        "(give each server a port of its own)",
    ],
  });
});

test("after the end every port is closed", async () => {
  const server = await serve(config("old"));
  const port = portOf(server);
  await server.reload(config("new"));
  await server[Symbol.asyncDispose]();
  await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow();
  using again = Bun.serve({ port, hostname: "127.0.0.1", reusePort: false, fetch: () => new Response("free") });
  expect(again.port).toBe(port);
});

test("what an api.handler holds in memory survives a reload that does not touch it", async () => {
  const yaml = (path: string, name: string) => `modules:
  - { name: server, type: http.server, config: { address: "127.0.0.1:0" } }
  - { name: router, type: http.router, dependsOn: [server] }
  - { name: orders, type: api.handler, dependsOn: [router], config: { resourceName: ${name} } }
  - { name: hello, type: http.handler }
workflows:
  http:
    routes:
      - { method: POST, path: /api/orders, handler: orders }
      - { method: GET, path: "/api/orders/{id}", handler: orders }
      - { method: GET, path: ${path}, handler: hello }
`;
  await using server = await serve(yaml("/before", "orders"));
  const created: unknown = await (await server.post("/api/orders", { item: "lamp" })).json();
  const id = typeof created === "object" && created !== null && "id" in created ? String(created.id) : "";
  expect(id).not.toBe("");
  await server.reload(yaml("/after", "orders"));
  expect((await server.get("/after")).status).toBe(200);
  expect((await server.get(`/api/orders/${id}`)).status).toBe(200);
  await server.reload(yaml("/after", "things"));
  expect((await server.get(`/api/orders/${id}`)).status).toBe(404);
});
