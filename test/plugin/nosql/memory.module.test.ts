import { expect, test } from "bun:test";
import { check, withServer } from "../../harness/server.ts";
import { answerWith, errorOf, put, serveStore, storePipeline } from "./store_server.ts";

const query = "{ name: all, type: step.nosql_query, config: { store: docs } }";

test("documents are kept between runs, and nobody else can change them", async () => {
  const get = "{ name: get, type: step.nosql_get, config: { store: docs, key: a, output: doc } }";
  const steps = [
    put,
    get,
    "{ name: change, type: step.set, config: { values: { doc: {} } } }",
    query,
    answerWith("all"),
  ];
  await using server = await serveStore(steps);
  await server.post("/p", { key: "a", list: [1] });
  expect(await (await server.post("/p", { key: "b" })).json()).toEqual({
    items: [
      { key: "a", list: [1], _key: "a" },
      { key: "b", _key: "b" },
    ],
    count: 2,
  });
});

test("documents survive a reload that leaves the module as it is", async () => {
  await using server = await serveStore([put, query, answerWith("all")]);
  await server.post("/p", { key: "a" });
  await server.reload(storePipeline([query, answerWith("all")]));
  expect(await (await server.post("/p")).json()).toEqual({ items: [{ key: "a", _key: "a" }], count: 1 });
  await server.reload(storePipeline([query, answerWith("all")], "{ maxItems: 7 }"));
  expect(await (await server.post("/p")).json()).toEqual({ items: [], count: 0 });
});

test("beyond maxItems new documents are refused, and others can still be replaced", async () => {
  await using server = await serveStore([put, answerWith("put")], "{ maxItems: 1, collection: orders }");
  expect((await server.post("/p", { key: "a" })).status).toBe(200);
  expect((await server.post("/p", { key: "a" })).status).toBe(200);
  const reply = await server.post("/p", { key: "b" });
  expect(reply.status).toBe(507);
  expect(await errorOf(reply)).toEndWith('nosql_put step "put": collection "orders" already holds 1 documents');
});

test.each([
  ["{}", "docs"],
  ["{ collection: orders }", "orders"],
])("with %s the number of documents is a metric of the collection %s", async (settings, collection) => {
  await using server = await serveStore([put, answerWith("put")], settings);
  await server.post("/p", { key: "a" });
  expect(await server.services.metrics.expose()).toContain(
    `nosql_documents{module="docs",collection="${collection}"} 1`,
  );
});

test("maxItems must be positive", async () => {
  const { warnings } = await check(withServer("  - { name: docs, type: nosql.memory, config: { maxItems: 0 } }"));
  expect(warnings[0]).toBe(
    '8:59: modules[2].config.maxItems: config field "maxItems" must be at least 1, got "0"; ' +
      "the default 100000 is used",
  );
});
