import { expect, test } from "bun:test";
import type { TSchema } from "typebox";
import {
  any,
  anyMap,
  choice,
  count,
  cron,
  definePort,
  duration,
  fieldPath,
  fieldSchema,
  file,
  lateRef,
  node,
  path,
  position,
  real,
  ref,
  secret,
  size,
  sql,
  steps,
  template,
  templateValue,
  Type,
} from "../../src/schema/field.ts";
import { defaultConfigOf, formFieldsOf } from "../../src/schema/form.ts";

const described = { description: "D." };
const Clock = definePort<object>("clock", "a clock");
const fieldsOf = (properties: Record<string, TSchema>) => formFieldsOf(fieldSchema(Type.Object(properties)));

test.each<[string, TSchema, object]>([
  ["text", Type.String(described), { type: "string" }],
  ["switch", Type.Boolean(described), { type: "boolean" }],
  ["count", count(described), { type: "number" }],
  ["real", real(described), { type: "number" }],
  ["size", size(described), { type: "string" }],
  ["duration", duration(described), { type: "duration", placeholder: "30s" }],
  ["choice", choice(["a", "b"], described), { type: "select", options: ["a", "b"] }],
  ["template", template(described), { type: "string" }],
  ["path to a value", fieldPath(described), { type: "string" }],
  ["cron", cron(described), { type: "string" }],
  ["secret", secret(described), { type: "string", sensitive: true }],
  ["path", path({ ...described, base: "work" }), { type: "filepath" }],
  ["file", file(described), { type: "filepath" }],
  ["SQL", sql(described), { type: "sql" }],
  ["any", any(described), { type: "json" }],
  ["map of anything", anyMap(described), { type: "json" }],
  ["tree", node(described), { type: "json" }],
  ["value with templates", templateValue(described), { type: "json" }],
  ["steps", steps({ ...described, form: "list" }), { type: "json" }],
  ["reference", ref(Clock, described), { type: "string", inheritFrom: "dependency.name" }],
  ["late reference", lateRef(Clock, described), { type: "string", inheritFrom: "dependency.name" }],
  ["list of texts", Type.Array(Type.String(), described), { type: "array", arrayItemType: "string" }],
  ["list of counts", Type.Array(count(described), described), { type: "array", arrayItemType: "number" }],
  ["list of maps", Type.Array(Type.Object({}), described), { type: "json" }],
  ["map of texts", Type.Record(Type.String(), Type.String(), described), { type: "map", mapValueType: "string" }],
  ["map of maps", Type.Record(Type.String(), Type.Object({}), described), { type: "json" }],
  ["map", Type.Object({}, described), { type: "json" }],
])("%s", (_title, field, shape) => {
  expect(fieldsOf({ maxBodyBytes: field })).toEqual([
    { key: "maxBodyBytes", label: "Max body bytes", description: "D.", required: true, ...shape } as never,
  ]);
});

test("a field with a default is not required, shows it and starts a new node with it", () => {
  const schema = Type.Object({
    a: duration({ ...described, default: "5s", examples: ["1m"] }),
    b: Type.Optional(Type.String(described)),
    c: Type.Array(Type.String(), { ...described, default: [] }),
    at: position(),
  });
  expect(formFieldsOf(fieldSchema(schema))).toEqual([
    { key: "a", label: "A", type: "duration", description: "D.", defaultValue: "5s", placeholder: "1m" },
    { key: "b", label: "B", type: "string", description: "D." },
    { key: "c", label: "C", type: "array", description: "D.", defaultValue: [], arrayItemType: "string" },
  ]);
  expect(defaultConfigOf(fieldSchema(schema))).toEqual({ a: "5s", c: [] });
});
