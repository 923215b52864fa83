import { expect, test } from "bun:test";
import { ManualClock } from "../../harness/manual_clock.ts";
import { check, serve, withServer } from "../../harness/server.ts";

const pipeline = (config: string) =>
  withServer(`
  - { name: cache, type: cache.modular }
pipelines:
  p:
    trigger: { type: http, config: { method: POST, path: /p } }
    steps:
      - { name: set, type: step.cache_set, config: ${config} }
      - { name: answer, type: step.json_response, config: { body_from: steps.set } }
  read:
    trigger: { type: http, config: { method: GET, path: /read } }
    steps:
      - { name: get, type: step.cache_get, config: { cache: cache, key: k-1 } }
      - { name: answer, type: step.json_response, config: { body_from: steps.get.value } }
`);

test("keeps a computed value under a computed key", async () => {
  await using server = await serve(pipeline(`{ cache: cache, key: "k-{{ .body.id }}", value: "{{ .body.v }}" }`));
  expect(await (await server.post("/p", { id: 1, v: "x" })).json()).toEqual({ cached: true });
  expect(await (await server.get("/read")).json()).toBe("x");
});

test.each([
  ["ttl: 1s", 1_000],
  ["ttl: 0", 300_000],
])("with %s the entry lives for %i ms", async (ttl, lifetimeMs) => {
  const clock = new ManualClock();
  await using server = await serve(pipeline(`{ cache: cache, key: k-1, value: x, ${ttl} }`), { clock });
  await server.post("/p", {});
  await clock.advance(lifetimeMs - 1);
  expect(await (await server.get("/read")).json()).toBe("x");
  await clock.advance(1);
  expect(await (await server.get("/read")).json()).toBe("");
});

test.each([
  ["{ cache: cache, key: k }", /^14:52: .*cache_set step "set": 'value' is required$/],
  ["{ cache: cache, key: k, value: '' }", /^14:9: .*cache_set step "set": 'value' is required$/],
  [
    "{ cache: cache, key: k, value: v, ttl: soon }",
    /^14:91: .*cache_set step "set": 'ttl' cannot be read: invalid duration "soon": expected a number before "soon"$/,
  ],
])("%s is refused", async (config, message) => {
  expect((await check(pipeline(config))).errors).toEqual([expect.stringMatching(message)]);
});
