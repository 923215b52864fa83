import { expect, test } from "bun:test";
import { check, serve, withServer } from "../../harness/server.ts";

const pipeline = (config: string, modules = "") =>
  withServer(`${modules}
pipelines:
  p:
    trigger: { type: http, config: { method: POST, path: /p } }
    steps:
      - { name: change, type: step.transform, config: ${config} }
      - { name: answer, type: step.json_response, config: { body_from: steps.change } }
`);

const body = { user: { name: "Ann", age: 7 }, list: [{ id: 1 }, { id: 2 }], text: '{"a":[1]}' };

test.each([
  ["extract a value by its path", "[{ type: extract, config: { path: body.user.name } }]", "Ann"],
  ["extract an item of a list", "[{ type: extract, config: { path: body.list.1.id } }]", 2],
  [
    "rename keys and leave what is not renamed",
    "[{ type: extract, config: { path: body.user } }, { type: map, config: { mappings: { name: label, no: x } } }]",
    { label: "Ann", age: 7 },
  ],
  [
    "swap two names",
    "[{ type: extract, config: { path: body.user } }, { type: map, config: { mappings: { name: age, age: name } } }]",
    { age: "Ann", name: 7 },
  ],
  [
    "keep some fields",
    "[{ type: extract, config: { path: body.user } }, { type: filter, config: { fields: [age, none] } }]",
    { age: 7 },
  ],
  [
    "write JSON",
    "[{ type: extract, config: { path: body.user } }, { type: convert, config: { from: json, to: string } }]",
    '{"age":7,"name":"Ann"}',
  ],
  [
    "read JSON",
    "[{ type: extract, config: { path: body.text } }, { type: convert, config: { from: string, to: json } }]",
    { a: [1] },
  ],
  [
    "normalise JSON",
    "[{ type: extract, config: { path: body.list } }, { type: convert, config: { from: json, to: json } }]",
    [{ id: 1 }, { id: 2 }],
  ],
])("operations %s", async (_name, operations, expected) => {
  await using server = await serve(pipeline(`{ operations: ${operations} }`));
  expect(await (await server.post("/p", body)).json()).toEqual({ data: expected });
});

test.each([
  ["extract", "{ path: body.none }", "key 'none' not found in path 'body.none'"],
  ["extract", "{ path: body.list.5 }", "index 5 out of bounds (len=2)"],
  ["extract", "{ path: body.list.-1 }", "index -1 out of bounds (len=2)"],
  ["extract", "{ path: body.list.x }", "expected numeric index for array, got 'x'"],
  ["extract", "{ path: body.text.x }", "cannot navigate into string at 'x'"],
  ["extract", "{ path: body.constructor }", "key 'constructor' not found in path 'body.constructor'"],
])("%s with %s fails: %s", async (type, config, reason) => {
  await using server = await serve(pipeline(`{ operations: [{ type: ${type}, config: ${config} }] }`));
  expect((await server.post("/p", body)).status).toBe(500);
  expect((await server.logged("Step failed")).attributes).toMatchObject({
    error: `operation 0 (extract) failed: ${reason}`,
  });
});

test.each([
  ["map", "body.list", "{ mappings: { a: b } }", "expected a map, got []interface {}"],
  ["filter", "body.text", "{ fields: [a] }", "expected a map, got string"],
  ["convert", "body.list", "{ from: string, to: json }", "expected text, got []interface {}"],
  ["convert", "body.user.name", "{ from: string, to: json }", "invalid JSON at line 1, column 1: expected a value"],
])("%s of %s fails when the value does not fit", async (type, path, config, reason) => {
  const operations = `[{ type: extract, config: { path: ${path} } }, { type: ${type}, config: ${config} }]`;
  await using server = await serve(pipeline(`{ operations: ${operations} }`));
  expect((await server.post("/p", body)).status).toBe(500);
  expect((await server.logged("Step failed")).attributes).toMatchObject({
    error: `operation 1 (${type}) failed: ${reason}`,
  });
});

const prefix = `13:9: failed to configure pipelines: pipeline "p": step "change" (type step.transform): `;

test.each([
  ["{ operations: [] }", "must specify 'transformer' service or inline 'operations'"],
  ["{ operations: [x] }", "operation 0 must be a map"],
  ["{ operations: [{ config: {} }] }", "operation 0 missing 'type'"],
  ["{ operations: [{ type: sort }] }", "operation 0 (sort) failed: unknown operation type: sort"],
  ["{ operations: [{ type: extract }] }", "operation 0 (extract) failed: 'path' is required"],
  ["{ operations: [{ type: map }] }", "operation 0 (map) failed: 'mappings' map is required"],
  [
    "{ operations: [{ type: map, config: { mappings: { a: 1 } } }] }",
    "operation 0 (map) failed: mapping of 'a' must be text",
  ],
  ["{ operations: [{ type: filter }] }", "operation 0 (filter) failed: 'fields' list is required"],
  [
    "{ operations: [{ type: convert, config: { from: xml, to: json } }] }",
    "operation 0 (convert) failed: unsupported conversion: xml -> json",
  ],
])("%s is refused", async (config, reason) => {
  const { errors } = await check(pipeline(config));
  expect(errors).toEqual([prefix + reason]);
});

const transformer = `
  - name: shapes
    type: data.transformer
    config:
      pipelines:
        label:
          - { type: extract, config: { path: body.user } }
          - { type: filter, config: { fields: [name] } }`;

test("a named list of operations comes from the transformer", async () => {
  await using server = await serve(pipeline("{ transformer: shapes, pipeline: label }", transformer));
  expect(await (await server.post("/p", body)).json()).toEqual({ data: { name: "Ann" } });
});

test("a transformer runs the step's own operations when no list is named", async () => {
  const operations = "[{ type: extract, config: { path: body.user.age } }]";
  await using server = await serve(pipeline(`{ transformer: shapes, operations: ${operations} }`, transformer));
  expect(await (await server.post("/p", body)).json()).toEqual({ data: 7 });
});

test("a transformer with neither a named list nor operations is refused", async () => {
  const { errors } = await check(pipeline("{ transformer: shapes }", transformer));
  expect(errors).toEqual([
    '20:9: failed to configure pipelines: pipeline "p": step "change" (type step.transform): ' +
      "with 'transformer', 'pipeline' or 'operations' is required",
  ]);
});

test("a transformer that is not defined is a warning, and an error when it is used", async () => {
  const yaml = pipeline("{ transformer: nobody, pipeline: label }");
  expect((await check(yaml)).warnings).toEqual([
    "13:70: pipelines.p.steps[0].config.transformer: service 'nobody' is not defined",
  ]);
  await using server = await serve(yaml);
  expect((await server.post("/p", body)).status).toBe(500);
  expect((await server.logged("Step failed")).attributes).toMatchObject({
    error: `service "nobody" not found as a data transformer`,
  });
});

test("a list that the transformer does not have is an error when it is used", async () => {
  await using server = await serve(pipeline("{ transformer: shapes, pipeline: nope }", transformer));
  expect((await server.post("/p", body)).status).toBe(500);
  expect((await server.logged("Step failed")).attributes).toMatchObject({
    error: `transformer "shapes" has no pipeline "nope"`,
  });
});
