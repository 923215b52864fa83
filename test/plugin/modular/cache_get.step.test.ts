import { expect, test } from "bun:test";
import { check, serve, withServer } from "../../harness/server.ts";

const pipeline = (config: string, before = "") =>
  withServer(`
  - { name: cache, type: cache.modular }
pipelines:
  p:
    trigger: { type: http, config: { method: POST, path: /p } }
    steps:
      ${before}
      - { name: get, type: step.cache_get, config: ${config} }
      - { name: answer, type: step.json_response, config: { body_from: steps.get } }
`);

const written = `- { name: set, type: step.cache_set, config: { cache: cache, key: "user-1", value: "Ada" } }`;

test.each([
  ["a hit", "1", "{}", { value: "Ada", cache_hit: true }],
  ["a miss", "2", "{}", { value: "", cache_hit: false }],
  ["a hit under another key", "1", "{ output: user }", { user: "Ada", cache_hit: true }],
])("gives %s", async (_name, id, more, expected) => {
  const config = `{ cache: cache, key: "user-{{ .body.id }}", ${more.slice(1)}`;
  await using server = await serve(pipeline(config, written));
  expect(await (await server.post("/p", { id })).json()).toEqual(expected);
});

test("with miss_ok: false a miss fails the step", async () => {
  await using server = await serve(pipeline(`{ cache: cache, key: "k", miss_ok: false }`));
  expect((await server.post("/p", {})).status).toBe(500);
  expect((await server.logged("Step failed")).attributes["error"]).toBe('cache_get step "get": cache miss for key "k"');
});

test("the cache must be one, and the key is required", async () => {
  expect((await check(pipeline(`{ cache: router, key: a }`))).errors).toEqual([
    `15:61: pipelines.p.steps[0].config.cache: module 'router' (type http.router) is not a cache`,
  ]);
  expect((await check(pipeline(`{ cache: cache }`))).errors).toEqual([
    `15:52: pipeline "p": step "get" (type step.cache_get): cache_get step "get": 'key' is required`,
  ]);
});
