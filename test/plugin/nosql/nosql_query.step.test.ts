import { expect, test } from "bun:test";
import { check } from "../../harness/server.ts";
import { answerWith, put, serveStore, storePipeline } from "./store_server.ts";

const query = (config: string) => `{ name: all, type: step.nosql_query, config: ${config} }`;

test.each([
  ["", "", { items: ["a-1", "a-2", "b-1"], count: 3 }],
  ['prefix: "{{ .body.p }}", ', "a-", { items: ["a-1", "a-2"], count: 2 }],
  ['prefix: "{{ .body.p }}", output: found, ', "b", { found: ["b-1"], count: 1 }],
  ["prefix: c, ", "", { items: [], count: 0 }],
])("%s with '%s' gives %j", async (config, p, output) => {
  await using server = await serveStore([put, query(`{ ${config}store: docs }`), answerWith("all")]);
  // The last request finds the documents of all three.
  for (const key of ["b-1", "a-2"]) await server.post("/p", { key, p });
  const answer: Record<string, unknown> = Object(await (await server.post("/p", { key: "a-1", p })).json());
  const keys = Object.entries(answer).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.map(({ _key }) => _key) : value,
  ]);
  expect(Object.fromEntries(keys)).toEqual(output);
});

test("each document has its key beside its values, whatever it says itself", async () => {
  await using server = await serveStore([put, query("{ store: docs }"), answerWith("all")]);
  expect(await (await server.post("/p", { key: "k", _key: "mine", n: 1 })).json()).toEqual({
    items: [{ key: "k", n: 1, _key: "k" }],
    count: 1,
  });
});

test("the store is required", async () => {
  expect((await check(storePipeline([query("{}")]))).errors).toEqual([
    '14:54: pipeline "p": step "all" (type step.nosql_query): nosql_query step "all": \'store\' is required',
  ]);
});
