import { expect, test } from "bun:test";
import { makeRegistry } from "../../../src/plugin/index.ts";
import { serve } from "../../harness/server.ts";

test.each(["/api/schema", "/api/v1/admin/schemas"])("%s is the JSON Schema of the configuration file", async (path) => {
  await using server = await serve("");
  const answer = await server.manage(path);
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toBe("application/schema+json");
  expect(await answer.json()).toMatchObject({
    $schema: "http://json-schema.org/draft-07/schema#",
    properties: { modules: { items: { $ref: "#/definitions/module" } } },
  });
});

test.each(["/api/v1/module-schemas", "/api/v1/admin/schemas/modules"])(
  "%s is an object with every module and step type",
  async (path) => {
    await using server = await serve("");
    const answer = await server.manage(path);
    const types = Object.keys(JSON.parse(await answer.text()));
    const { modules, steps } = makeRegistry();
    expect([...modules, ...steps].filter(({ type }) => !types.includes(type))).toEqual([]);
    expect(answer.headers.get("content-type")).toBe("application/json");
  },
);

test.each([
  ["http.server", "http.server"],
  ["observability.metrics", "metrics.collector"],
  ["step.set", "step.set"],
])("one type may be asked for, by any of its names: %s", async (name, type) => {
  await using server = await serve("");
  const answer = await server.manage(`/api/v1/module-schemas?type=${name}`);
  expect(await answer.json()).toMatchObject({ type, label: expect.any(String), configFields: expect.any(Array) });
});

test("a type that does not exist is not found", async () => {
  await using server = await serve("");
  const answer = await server.manage("/api/v1/module-schemas?type=no.such");
  expect(answer.status).toBe(404);
  expect(await answer.json()).toEqual({ error: "unknown module type" });
});

test("the schemas of types need the access of the guide's endpoints, the schema of the file none", async () => {
  await using server = await serve("");
  const headers = { authorization: "Bearer nonsense" };
  expect((await server.manage("/api/v1/module-schemas", { headers })).status).toBe(401);
  expect((await server.manage("/api/schema", { headers })).status).toBe(200);
});
