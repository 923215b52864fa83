import { expect, test } from "bun:test";
import { check, serve, type TestServer, withServer } from "../../harness/server.ts";

const config = (connectors: string) =>
  withServer(`
workflows:
  integration: { registry: router, connectors: [${connectors}] }
`);

const orders = "{ name: orders, type: webhook, config: { path: /in, port: 0 } }";

/** The listener's URL; the first address is that of the http.server. */
function urlOf(server: TestServer): string {
  return `http://localhost:${server.engine.addresses()[1]?.port ?? 0}`;
}

test.each([
  ["POST", "/in", '{"type":"paid","n":1}', 200, '{"status":"ok"}'],
  ["POST", "/in", '{"type":"other"}', 501, "No handler for event type\n"],
  ["POST", "/in", "{}", 501, "No handler for event type\n"],
  ["POST", "/in", "text", 400, "Invalid JSON payload\n"],
  ["POST", "/in", "[1]", 400, "Invalid JSON payload\n"],
  ["PUT", "/in", "{}", 405, "Method not allowed\n"],
  ["POST", "/out", "{}", 404, "404 page not found\n"],
])("%s %s with %s is answered %i %p", async (method, path, body, status, text) => {
  await using server = await serve(config(orders));
  const seen: unknown[] = [];
  server.services.events.subscribe({ topic: "webhook.orders.paid", onEvent: (_, event) => void seen.push(event) });
  const init = { method, body };
  const answer = await fetch(urlOf(server) + path, init);
  expect(answer.status).toBe(status);
  expect(await answer.text()).toBe(text);
  expect(answer.headers.get("allow")).toBe(status === 405 ? "POST" : null);
  expect(seen).toEqual(status === 200 ? [{ type: "paid", n: 1 }] : []);
});

test("a type without subscribers goes to those of the default", async () => {
  await using server = await serve(config(orders));
  const seen: unknown[] = [];
  server.services.events.subscribe({ topic: "webhook.orders.default", onEvent: (_, event) => void seen.push(event) });
  const answer = await fetch(`${urlOf(server)}/in`, { method: "POST", body: '{"type":"x"}' });
  expect(answer.status).toBe(200);
  expect(seen).toEqual([{ type: "x" }]);
});

test("connectors of one port share its listener", async () => {
  await using server = await serve(
    config(`${orders}, { name: users, type: webhook, config: { path: /users, port: 0 } }`),
  );
  server.services.events.subscribe({ topic: "webhook.*", onEvent: () => {} });
  const url = urlOf(server);
  for (const path of ["/in", "/users"]) {
    expect((await fetch(url + path, { method: "POST", body: "{}" })).status).toBe(200);
  }
});

test("two connectors cannot have the same port and path", async () => {
  const { errors } = await check(config(`${orders}, ${orders.replace("name: orders", "name: again")}`));
  expect(errors).toEqual([
    expect.stringContaining("webhook connectors 'orders' and 'again' have the same port and path"),
  ]);
});

function freePort(): number {
  const probe = Bun.serve({ port: 0, fetch: () => new Response() });
  const port = probe.port ?? 0;
  void probe.stop(true);
  return port;
}

test("a port that somebody else has is an error at the start", async () => {
  await using other = Bun.serve({ port: 0, reusePort: true, fetch: () => new Response() });
  const yaml = config(orders.replace("port: 0", `port: ${other.port}`));
  await expect(serve(yaml)).rejects.toMatchObject({
    code: "start.address_in_use",
    message: `listen on :${other.port}: port ${other.port} is already in use`,
    at: [{ line: 10, column: 49 }],
  });
});

test("two programs cannot listen on one port", async () => {
  const yaml = config(orders.replace("port: 0", `port: ${freePort()}`));
  await using first = await serve(yaml);
  await expect(serve(yaml)).rejects.toMatchObject({ code: "start.address_in_use" });
  expect((await fetch(`${urlOf(first)}/in`)).status).toBe(405);
});

test("a port that an http.server of the configuration has is refused by the check", async () => {
  const yaml = config(orders.replace("port: 0", "port: 8099")).replace("127.0.0.1:0", "127.0.0.1:8099");
  const { errors } = await check(yaml);
  expect(errors).toEqual([
    '10:49: webhook connector "orders": port 8099 is already used by http.server "server" (line 4)',
  ]);
});

test("a reload keeps the socket, and one without the connector lets go of it", async () => {
  await using server = await serve(config(orders));
  const before = urlOf(server);
  server.services.events.subscribe({ topic: "webhook.*", onEvent: () => {} });
  const post = () => fetch(`${before}/in`, { method: "POST", body: "{}", headers: { connection: "close" } });
  expect((await post()).status).toBe(200);
  await server.reload(`${config(orders)}\n# changed\n`);
  // The system gave the port; only the same socket can still have it.
  expect(urlOf(server)).toBe(before);
  expect((await post()).status).toBe(200);
  await server.engine.settled();
  expect((await post()).status).toBe(200);
  await server.reload(withServer(""));
  await server.engine.settled();
  await expect(post()).rejects.toThrow("Unable to connect");
});

test("a request in flight is answered by the configuration that it came to", async () => {
  await using server = await serve(config(orders));
  const started = Promise.withResolvers<void>();
  const finish = Promise.withResolvers<void>();
  server.services.events.subscribe({
    topic: "webhook.orders.slow",
    onEvent: async () => {
      started.resolve();
      await finish.promise;
    },
  });
  const answer = fetch(`${urlOf(server)}/in`, { method: "POST", body: '{"type":"slow"}' });
  await started.promise;
  await server.reload(withServer(""));
  finish.resolve();
  expect((await answer).status).toBe(200);
});

test("a body beyond ten megabytes is refused", async () => {
  await using server = await serve(config(orders));
  const answer = await fetch(`${urlOf(server)}/in`, { method: "POST", body: "x".repeat(10 * 1024 * 1024 + 1) });
  expect([answer.status, await answer.text()]).toEqual([
    413,
    '{"error":"the request body is larger than 10485760 bytes"}\n',
  ]);
});
