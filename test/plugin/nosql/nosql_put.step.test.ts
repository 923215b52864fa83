import { expect, test } from "bun:test";
import { check } from "../../harness/server.ts";
import { answerWith, serveStore, storePipeline } from "./store_server.ts";

const write = (config: string) => `{ name: write, type: step.nosql_put, config: ${config} }`;
const values = "{ name: set, type: step.set, config: { values: { text: hello, map: { a: 1 } } } }";
const get = "{ name: get, type: step.nosql_get, config: { store: docs, key: k } }";

test.each([
  ["", { n: 1 }],
  [", item: map", { a: 1 }],
  [", item: text", { value: "hello" }],
  [", item: nope", { method: "POST", path: "/p", body: { n: 1 }, text: "hello", map: { a: 1 } }],
  [", item: map.a", { method: "POST", path: "/p", body: { n: 1 }, text: "hello", map: { a: 1 } }],
])("with '%s' %j is written", async (config, item) => {
  await using server = await serveStore([values, write(`{ store: docs, key: k${config} }`), get, answerWith("get")]);
  expect(await (await server.post("/p", { n: 1 })).json()).toEqual({ item, found: true });
});

test("the output names the key", async () => {
  await using server = await serveStore([write('{ store: docs, key: "o-{{ .body.n }}" }'), answerWith("write")]);
  expect(await (await server.post("/p", { n: 1 })).json()).toEqual({ stored: true, key: "o-1" });
});

test("a document replaces the one before", async () => {
  await using server = await serveStore([write("{ store: docs, key: k }"), get, answerWith("get")]);
  await server.post("/p", { a: 1 });
  expect(await (await server.post("/p", { b: 2 })).json()).toEqual({ item: { b: 2 }, found: true });
});

test("the key is required", async () => {
  expect((await check(storePipeline([write("{ store: docs }")]))).errors).toEqual([
    '14:54: pipeline "p": step "write" (type step.nosql_put): nosql_put step "write": \'key\' is required',
  ]);
});
