import { expect, test } from "bun:test";
import { check, serve, type TestServer, withServer } from "../../harness/server.ts";

const config = (connectors: string) =>
  withServer(`
workflows:
  integration: { registry: router, connectors: [${connectors}] }
`);

const orders = "{ name: orders, type: webhook, config: { path: /in, port: 0 } }";

async function urlOf(server: TestServer): Promise<string> {
  const { attributes } = await server.logged("Webhook listener started");
  return `http://localhost:${String(attributes["port"])}`;
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
  const answer = await fetch((await urlOf(server)) + path, { method, body });
  expect(answer.status).toBe(status);
  expect(await answer.text()).toBe(text);
  expect(answer.headers.get("allow")).toBe(status === 405 ? "POST" : null);
  expect(seen).toEqual(status === 200 ? [{ type: "paid", n: 1 }] : []);
});

test("a type without subscribers goes to those of the default", async () => {
  await using server = await serve(config(orders));
  const seen: unknown[] = [];
  server.services.events.subscribe({ topic: "webhook.orders.default", onEvent: (_, event) => void seen.push(event) });
  const answer = await fetch(`${await urlOf(server)}/in`, { method: "POST", body: '{"type":"x"}' });
  expect(answer.status).toBe(200);
  expect(seen).toEqual([{ type: "x" }]);
});

test("connectors of one port share its listener", async () => {
  await using server = await serve(
    config(`${orders}, { name: users, type: webhook, config: { path: /users, port: 0 } }`),
  );
  server.services.events.subscribe({ topic: "webhook.*", onEvent: () => {} });
  const url = await urlOf(server);
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
    message: expect.stringContaining(`webhook listener cannot use port ${other.port}: `),
  });
});

test("a reload keeps listening on the port, and one without the connector lets go of it", async () => {
  const port = freePort();
  const yaml = config(orders.replace("port: 0", `port: ${port}`));
  await using server = await serve(yaml);
  server.services.events.subscribe({ topic: "webhook.*", onEvent: () => {} });
  const post = () =>
    fetch(`http://localhost:${port}/in`, { method: "POST", body: "{}", headers: { connection: "close" } });
  expect((await post()).status).toBe(200);
  await server.reload(`${yaml}\n# changed\n`);
  expect((await post()).status).toBe(200);
  await server.engine.settled();
  expect((await post()).status).toBe(200);
  await server.reload(withServer(""));
  await server.engine.settled();
  await expect(post()).rejects.toThrow("Unable to connect");
});
