import { describe, expect, test } from "bun:test";
import { Exchange, insideConnection } from "../../../src/port/exchange.ts";
import { type Handle, HttpHandler } from "../../../src/port/http.ts";
import { ManualClock } from "../../harness/manual_clock.ts";
import { check, serve, type ServeOptions, type TestServer } from "../../harness/server.ts";
import { items, objectOf, put } from "./items.ts";

const start = (config = "{}", options: ServeOptions = {}) =>
  serve(items(config), { clock: new ManualClock(Date.UTC(2026, 0, 2, 3, 4, 5)), ...options });

/** The ids of the resources in an answer, in their order. */
async function idsOf(answer: Response): Promise<unknown[]> {
  const list: unknown = await answer.json();
  return Array.isArray(list) ? list.map((resource) => Object(resource).id) : [list];
}

describe("a collection", () => {
  test("stores, lists, shows, replaces and removes resources", async () => {
    await using server = await start();
    const created = await server.post("/api/items", { id: "b", state: "open", n: 1 });
    expect([created.status, await created.text()]).toEqual([
      201,
      '{"data":{"id":"b","n":1,"state":"open"},"id":"b","lastUpdate":"2026-01-02T03:04:05Z","state":"open"}\n',
    ]);
    await server.post("/api/items/a", { n: 2 });
    const list = await server.get("/api/items");
    expect([list.status, list.headers.get("content-type")]).toEqual([200, "application/json"]);
    expect(await list.json()).toMatchObject([
      { id: "b", state: "open" },
      { id: "a", state: "new", data: { id: "a", n: 2 } },
    ]);
    expect(await (await server.get("/api/items/b")).json()).toMatchObject({ id: "b", data: { n: 1 } });
    const replaced = await put(server, "/api/items/b", { m: 3 });
    expect([replaced.status, await replaced.text()]).toEqual([200, '{"data":{"m":3},"id":"b"}\n']);
    const removed = await server.fetch("/api/items/b", { method: "DELETE" });
    expect([removed.status, await removed.text()]).toEqual([204, ""]);
    expect(await (await server.get("/api/items")).json()).toMatchObject([{ id: "a" }]);
  });

  test("makes an id when the body has none", async () => {
    await using server = await start();
    const { id, data } = await objectOf(await server.post("/api/items", { n: 1 }));
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(data).toEqual({ id, n: 1 });
  });

  test.each([
    ["GET", "/api/items/none", undefined, 404, { error: "Resource not found" }],
    ["PUT", "/api/items/none", "{}", 404, { error: "Resource not found" }],
    ["DELETE", "/api/items/none", undefined, 404, { error: "Resource not found" }],
    ["GET", "/api/items/constructor", undefined, 404, { error: "Resource not found" }],
    ["POST", "/api/items", "{", 400, { error: "Invalid request body" }],
    ["POST", "/api/items", "[1]", 400, { error: "Invalid request body" }],
    ["POST", "/api/items", "null", 400, { error: "Invalid request body" }],
    ["POST", "/api/items", undefined, 400, { error: "Invalid request body" }],
    ["PUT", "/api/items/there", "x", 400, { error: "Invalid request body" }],
    ["PUT", "/api/items", "{}", 405, { error: "Method not allowed or invalid path" }],
    ["PATCH", "/api/items", "{}", 405, { error: "Method not allowed or invalid path" }],
  ])("answers %s %s with body %p by %i", async (method, path, body, status, expected) => {
    await using server = await start();
    await server.post("/api/items", { id: "there" });
    const answer = await server.fetch(path, { method, ...(body === undefined ? {} : { body }) });
    expect([answer.status, await answer.json()]).toEqual([status, expected]);
    expect(answer.headers.get("allow")).toBe(status === 405 ? "GET, POST" : null);
  });

  test("a body of more than 1 MiB is refused, whether or not it says so", async () => {
    await using server = await start();
    const text = JSON.stringify({ text: "x".repeat(1024 * 1024) });
    expect((await server.post("/api/items", text)).status).toBe(413);
    const chunked = await server.fetch("/api/items", { method: "POST", body: new Blob([text]).stream() });
    expect(chunked.status).toBe(413);
  });

  test("keys of object prototypes are plain data", async () => {
    await using server = await start();
    const answer = await server.post("/api/items", '{"id":"p","__proto__":{"polluted":1},"constructor":2}');
    expect(await answer.text()).toContain('"data":{"__proto__":{"polluted":1},"constructor":2,"id":"p"}');
    expect(Reflect.get({}, "polluted")).toBeUndefined();
  });

  test("holds no more resources than it may", async () => {
    await using server = await start("{ maxResources: 1 }");
    expect((await server.post("/api/items", { id: "a" })).status).toBe(201);
    expect((await server.post("/api/items", { id: "b" })).status).toBe(507);
    expect((await server.post("/api/items", { id: "a" })).status).toBe(201);
  });

  test("survives a reload that does not change it", async () => {
    const yaml = items();
    await using server = await serve(yaml);
    await server.post("/api/items", { id: "kept" });
    await server.reload(`${yaml}\n# changed`);
    expect((await server.get("/api/items/kept")).status).toBe(200);
  });

  test("is counted in metrics under its name", async () => {
    await using server = await start("{ resourceName: orders }");
    await server.post("/api/items", { id: "a" });
    expect(await server.services.metrics.expose()).toContain('workflow_resources{module="items",resource="orders"} 1');
  });
});

describe("the list", () => {
  test("shows only the resources of the configured state", async () => {
    await using server = await start("{ stateFilter: open }");
    await server.post("/api/items", { id: "a", state: "open" });
    await server.post("/api/items", { id: "b", state: "done" });
    await put(server, "/api/items/b", { state: "open" });
    await server.post("/api/items", { id: "c", state: "done" });
    expect(await idsOf(await server.get("/api/items"))).toEqual(["a", "b"]);
  });

  test("hides what belongs to other users when the request says who asks", async () => {
    await using server = await start();
    for (const [id, userId] of [
      ["a", "ann"],
      ["b", "bob"],
      ["c", 7],
    ])
      await server.post("/api/items", { id, userId });
    const handle = handlerOf(server);
    const ask = async (claims: Record<string, unknown> | undefined) => {
      const exchange = new Exchange(new Request("http://localhost/api/items"), insideConnection);
      exchange.claims = claims;
      return idsOf(await handle(exchange));
    };
    expect(await ask({ sub: "ann" })).toEqual(["a", "c"]);
    expect(await ask({})).toEqual(["c"]);
    expect(await ask(undefined)).toEqual(["a", "b", "c"]);
  });
});

/** The handler itself, for what only a middleware can set on an exchange. */
function handlerOf(server: TestServer): Handle {
  const [service] = server.engine.current?.servicesOf(HttpHandler) ?? [];
  if (service === undefined) throw new Error("no handler");
  return service.handler({ method: "GET", path: "/api/items" });
}

describe("field mapping", () => {
  test("names the fields of the data, of which the first is written", async () => {
    await using server = await start("{ fieldMapping: { id: [key, uid], state: status } }");
    const created = await server.post("/api/items", { uid: "u1", status: "open" });
    expect(await created.json()).toMatchObject({ id: "u1", state: "open", data: { key: "u1", uid: "u1" } });
  });
});

describe("the summary", () => {
  const summary = async (config: string, data: Record<string, unknown>) => {
    await using server = await serve(items(config, ["POST", "GET /{id}/summary"]), { clock: new ManualClock(0) });
    await server.post("/api/items", { id: "a", ...data });
    return (await server.get("/api/items/a/summary")).json();
  };

  test("has the state and the usual fields that are there", async () => {
    expect(await summary("{}", { state: "open", tags: ["x"], other: 1, duration: null })).toEqual({
      id: "a",
      state: "open",
      lastUpdate: "1970-01-01T00:00:00Z",
      tags: ["x"],
      duration: null,
    });
  });

  test("has other fields when the configuration names them", async () => {
    expect(
      await summary("{ summaryFields: [text], fieldMapping: { text: [a1, a2] } }", { a2: "t", tags: [1] }),
    ).toEqual({
      id: "a",
      state: "new",
      lastUpdate: "1970-01-01T00:00:00Z",
      text: "t",
    });
  });

  test("of a resource that is not there is a 404", async () => {
    await using server = await serve(items("{}", ["GET /{id}/summary"]));
    expect((await server.get("/api/items/none/summary")).status).toBe(404);
  });
});

describe("a seed file", () => {
  const seeded = (text: string, config = "{ seedFile: data/seed.json }") =>
    start(config, { files: { "data/seed.json": text } });

  test("fills the collection when it starts, without the entries that have no id", async () => {
    await using server = await seeded(
      '[{"id":"s1","data":{"n":1},"state":"open"},{"data":{}},{"id":7,"data":{"state":"done"}},{"id":"s2"}]',
    );
    expect(await (await server.get("/api/items")).json()).toEqual([
      { id: "s1", data: { n: 1 }, state: "open", lastUpdate: "2026-01-02T03:04:05Z" },
      { id: "7", data: { state: "done" }, state: "done", lastUpdate: "2026-01-02T03:04:05Z" },
      { id: "s2", data: {}, lastUpdate: "2026-01-02T03:04:05Z" },
    ]);
    expect((await server.logged("Seed entries without an id were left out")).attributes).toMatchObject({ count: 1 });
  });

  test.each([
    ["{}", "Seed file is not a JSON array"],
    ["[", "Seed file cannot be read"],
  ])("%s is a warning", async (text, message) => {
    await using server = await seeded(text);
    expect((await server.logged(message)).level).toBe("warn");
    expect(await (await server.get("/api/items")).json()).toEqual([]);
  });

  test("that is missing is an error with its place", async () => {
    const { errors } = await check(items("{ seedFile: none.json }"));
    expect(errors).toEqual([expect.stringMatching(/^11:25: .*file "none.json" cannot be read/)]);
  });
});
