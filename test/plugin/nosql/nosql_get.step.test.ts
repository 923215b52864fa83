import { expect, test } from "bun:test";
import { check } from "../../harness/server.ts";
import { answerWith, errorOf, put, serveStore, storePipeline } from "./store_server.ts";

const get = (config: string) => `{ name: get, type: step.nosql_get, config: ${config} }`;

test.each([
  ['key: "{{ .body.key }}"', { item: { key: "a", n: 1 }, found: true }],
  ["key: a, output: order", { order: { key: "a", n: 1 }, found: true }],
  ["key: b", { item: {}, found: false }],
  ["key: b, output: order", { order: {}, found: false }],
  ["key: __proto__", { item: {}, found: false }],
])("%s gives %j", async (config, output) => {
  await using server = await serveStore([put, get(`{ store: docs, ${config} }`), answerWith("get")]);
  expect(await (await server.post("/p", { key: "a", n: 1 })).json()).toEqual(output);
});

test("with miss_ok: false a miss is 404", async () => {
  await using server = await serveStore([get('{ store: docs, key: "b c", miss_ok: false }')]);
  const reply = await server.post("/p");
  expect([reply.status, (await errorOf(reply)).split("failed: ").at(-1)]).toEqual([
    404,
    'nosql_get step "get": key "b c" not found',
  ]);
});

test("a store that is not there is a warning, and an error when it is used", async () => {
  const steps = [get("{ store: dosc, key: a }")];
  expect((await check(storePipeline(steps))).warnings).toEqual([
    expect.stringContaining("service 'dosc' is not defined"),
  ]);
  await using server = await serveStore(steps);
  const reply = await server.post("/p");
  expect([reply.status, (await errorOf(reply)).split("failed: ").at(-1)]).toEqual([
    500,
    'nosql_get step "get": service "dosc" not found',
  ]);
});

test.each([
  ["{ store: docs }", "key"],
  ["{ key: a }", "store"],
])("%s lacks %s", async (config, key) => {
  expect((await check(storePipeline([get(config)]))).errors).toEqual([
    `14:52: pipeline "p": step "get" (type step.nosql_get): nosql_get step "get": '${key}' is required`,
  ]);
});
