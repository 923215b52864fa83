import { expect, test } from "bun:test";
import type { SchemaValidator } from "../../../src/port/service.ts";
import { serve, type TestServer, withServer } from "../../harness/server.ts";

const yaml = withServer("\n  - { name: schemas, type: jsonschema.modular }\n");

function validatorOf(server: TestServer, name: string): SchemaValidator {
  const service = server.engine.current?.service(name);
  if (!isValidator(service)) throw new Error(`${name} is no validator`);
  return service;
}

function isValidator(service: object | undefined): service is SchemaValidator {
  return service !== undefined && "compile" in service && typeof service.compile === "function";
}

test("is found under its name and under jsonschema.service", async () => {
  await using server = await serve(yaml);
  expect(validatorOf(server, "schemas")).toBe(validatorOf(server, "jsonschema.service"));
});

test.each([
  [{ type: "integer" }, 3, []],
  [{ type: "integer" }, "3", ["/ must be integer"]],
  [
    { type: "object", required: ["a"], properties: { b: { minimum: 0 } }, additionalProperties: false },
    { b: -1, c: 1 },
    ["/ must have required property 'a'", "/ must NOT have additional properties (c)", "/b must be >= 0"],
  ],
  [{ type: "string", format: "email" }, "nobody", ['/ must match format "email"']],
  [{ $schema: "http://json-schema.org/draft-07/schema#", type: "null" }, null, []],
  [
    { $schema: "https://json-schema.org/draft/2020-12/schema", prefixItems: [{ type: "string" }] },
    [1],
    ["/0 must be string"],
  ],
  [
    { $schema: "https://json-schema.org/draft/2019-09/schema", dependentRequired: { a: ["b"] } },
    { a: 1 },
    ["/ must have property b when property a is present"],
  ],
])("%j of %j", async (schema, value, problems) => {
  await using server = await serve(yaml);
  expect(validatorOf(server, "schemas").compile(schema)(value)).toEqual(problems);
});

test("a schema that is wrong itself is refused", async () => {
  await using server = await serve(yaml);
  const validator = validatorOf(server, "schemas");
  expect(() => validator.compile({ type: "strin" })).toThrow("the JSON Schema is not valid: schema is invalid: ");
  expect(() => validator.compile("text")).toThrow("a JSON Schema must be a map or a boolean");
});
