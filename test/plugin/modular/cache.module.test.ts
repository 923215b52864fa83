import { expect, test } from "bun:test";
import { ManualClock } from "../../harness/manual_clock.ts";
import { check, serve, type TestServer, withServer } from "../../harness/server.ts";

const cache = (config: string, setting = "") =>
  withServer(`
  - name: cache
    type: cache.modular
    config: ${config}
pipelines:
  write:
    trigger: { type: http, config: { method: POST, path: /write } }
    steps:
      - { name: set, type: step.cache_set, config: { cache: cache, key: "{{ .body.key }}", value: "v"${setting} } }
      - { name: answer, type: step.json_response, config: { body_from: steps.set } }
  read:
    trigger: { type: http, config: { method: POST, path: /read } }
    steps:
      - { name: get, type: step.cache_get, config: { cache: cache.provider, key: "{{ .body.key }}" } }
      - { name: answer, type: step.json_response, config: { body_from: steps.get.cache_hit } }
`);

async function write(server: TestServer, key: string): Promise<void> {
  expect((await server.post("/write", { key })).status).toBe(200);
}

async function has(server: TestServer, key: string): Promise<unknown> {
  return (await server.post("/read", { key })).json();
}

async function items(server: TestServer): Promise<string | undefined> {
  return /^cache_items\{module="cache"\} (\d+)$/m.exec(await server.services.metrics.expose())?.[1];
}

test.each([
  ["5 minutes", "{}", 300_000],
  ["the given time", "{ ttl: 10s }", 10_000],
])("an entry without a lifetime of its own lives for %s", async (_name, config, lifetimeMs) => {
  const clock = new ManualClock();
  await using server = await serve(cache(config), { clock });
  await write(server, "a");
  await clock.advance(lifetimeMs - 1);
  expect(await has(server, "a")).toBe(true);
  await clock.advance(1);
  expect(await has(server, "a")).toBe(false);
});

test.each(["maxItems", "maxSize"])("beyond %s the least recently used entry is dropped", async (key) => {
  await using server = await serve(cache(`{ ${key}: 2 }`));
  await write(server, "a");
  await write(server, "b");
  expect(await has(server, "a")).toBe(true);
  await write(server, "c");
  expect(await has(server, "b")).toBe(false);
  expect(await has(server, "a")).toBe(true);
  expect(await has(server, "c")).toBe(true);
});

test.each([
  ["a minute", "{ ttl: 1s }", 60_000],
  ["cleanupInterval", "{ ttl: 1s, cleanupInterval: 2s }", 2_000],
])("after %s the memory of expired entries is freed", async (_name, config, intervalMs) => {
  const clock = new ManualClock();
  await using server = await serve(cache(config), { clock });
  await write(server, "a");
  await clock.advance(intervalMs - 1);
  expect(await items(server)).toBe("1");
  await clock.advance(1);
  expect(await items(server)).toBe("0");
});

test("entries survive a reload that leaves the module as it is, and no other", async () => {
  await using server = await serve(cache("{}"));
  await write(server, "a");
  await server.reload(`${cache("{}")}# a comment\n`);
  expect(await has(server, "a")).toBe(true);
  await server.reload(cache("{ ttl: 1m }"));
  expect(await has(server, "a")).toBe(false);
});

test.each(["backend", "engine"])("%s: redis is refused", async (key) => {
  expect((await check(cache(`{ ${key}: redis }`))).errors).toEqual([
    expect.stringMatching(/^9:5: .*cache\.modular "cache": backend redis is not available in this build$/),
  ]);
});

test("an unknown backend is refused", async () => {
  expect((await check(cache("{ backend: disk }"))).errors).toEqual([
    `11:24: modules[2].config.backend: config field "backend" must be one of memory, redis, got "disk"`,
  ]);
});
