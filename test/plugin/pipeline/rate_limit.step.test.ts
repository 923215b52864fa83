import { expect, test } from "bun:test";
import { ManualClock } from "../../harness/manual_clock.ts";
import { check, serve } from "../../harness/server.ts";
import { answerWith, pipelineOf, servePipeline } from "./fixture.ts";

const limit = (config: string) => `{ name: limit, type: step.rate_limit, config: ${config} }`;

test("a burst goes through, and then one run per share of a minute", async () => {
  const clock = new ManualClock();
  await using server = await servePipeline([limit("{ requests_per_minute: 30, burst_size: 2 }"), answerWith("limit")], {
    clock,
  });
  const allowed = { rate_limit: { allowed: true, key: "global" } };
  expect(await (await server.post("/p")).json()).toEqual(allowed);
  expect(await (await server.post("/p")).json()).toEqual(allowed);
  const refused = await server.post("/p");
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "2"]);
  expect(((await refused.json()) as { error: string }).error).toEndWith(
    'rate_limit step "limit": rate limit exceeded for key "global"',
  );
  await clock.advance(1999);
  expect((await server.post("/p")).status).toBe(429);
  await clock.advance(1);
  expect((await server.post("/p")).status).toBe(200);
  expect((await server.post("/p")).status).toBe(429);
});

test("the defaults are ten at once and sixty a minute", async () => {
  const clock = new ManualClock();
  await using server = await servePipeline([limit("{}"), answerWith("limit")], { clock });
  for (let turn = 0; turn < 10; turn++) expect((await server.post("/p")).status).toBe(200);
  expect((await server.post("/p")).headers.get("retry-after")).toBe("1");
});

test("each key has a limit of its own, and one that cannot be computed shares that of its text", async () => {
  const clock = new ManualClock();
  await using server = await servePipeline(
    [limit('{ burst_size: 1, key_from: "{{ .body.tenant.id }}" }'), answerWith("limit")],
    { clock },
  );
  const key = async (body: unknown) =>
    ((await (await server.post("/p", body)).json()) as { rate_limit?: object }).rate_limit;
  expect(await key({ tenant: { id: "a" } })).toEqual({ allowed: true, key: "a" });
  expect(await key({ tenant: { id: "a" } })).toBeUndefined();
  expect(await key({ tenant: { id: "b" } })).toEqual({ allowed: true, key: "b" });
  expect(await key({})).toEqual({ allowed: true, key: "{{ .body.tenant.id }}" });
  expect(await key({})).toBeUndefined();
});

test("the client is told to wait also when details are withheld", async () => {
  await using server = await serve(pipelineOf([limit("{ burst_size: 1 }")]));
  await server.post("/p");
  expect((await server.post("/p")).status).toBe(429);
});

test.each([
  ["requests_per_minute", "13:78"],
  ["burst_size", "13:69"],
])("%s must be positive", async (key, at) => {
  const { errors } = await check(pipelineOf([limit(`{ ${key}: 0 }`)]));
  expect(errors).toEqual([
    `${at}: pipeline "p": step "limit" (type step.rate_limit): rate_limit step "limit": ` +
      `'${key}' must be at least 1, got "0"`,
  ]);
});
