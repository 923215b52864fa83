import { expect, test } from "bun:test";
import { check } from "../../harness/server.ts";
import { answerWith, put, serveStore, storePipeline } from "./store_server.ts";

const remove = '{ name: del, type: step.nosql_delete, config: { store: docs, key: "{{ .body.del }}" } }';
const query = "{ name: all, type: step.nosql_query, config: { store: docs } }";

test("the document is gone, and others are not", async () => {
  await using server = await serveStore([put, remove, query, answerWith("all")]);
  await server.post("/p", { key: "a", del: "none" });
  expect(await (await server.post("/p", { key: "b", del: "a" })).json()).toEqual({
    items: [{ key: "b", del: "a", _key: "b" }],
    count: 1,
  });
});

test("that there was none is no failure", async () => {
  await using server = await serveStore([remove, answerWith("del")]);
  expect(await (await server.post("/p", { del: "x" })).json()).toEqual({ deleted: true, key: "x" });
});

test("the key is required", async () => {
  const step = "{ name: del, type: step.nosql_delete, config: { store: docs } }";
  expect((await check(storePipeline([step]))).errors).toEqual([
    '14:55: pipeline "p": step "del" (type step.nosql_delete): nosql_delete step "del": \'key\' is required',
  ]);
});
