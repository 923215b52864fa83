import { describe, expect, test } from "bun:test";
import { Ajv } from "ajv";
import type { TSchema } from "typebox";
import {
  any,
  anyMap,
  choice,
  count,
  definePort,
  duration,
  fieldSchema,
  node,
  optionalRef,
  position,
  real,
  ref,
  refAll,
  secret,
  size,
  steps,
  template,
  templateValue,
  Type,
} from "../../src/schema/field.ts";
import { jsonSchemaOf } from "../../src/schema/json_schema.ts";
import { decode } from "./decoding.ts";

const described = { description: "D." };
const places = { flatStep: "#/definitions/flatStep" };
const Clock = definePort<object>("clock", "a clock");

function passes(schema: TSchema, value: unknown): boolean {
  const root = {
    allOf: [jsonSchemaOf(fieldSchema(schema), places)],
    definitions: { flatStep: { type: "object", required: ["type"] } },
  };
  return new Ajv({ strict: false }).compile(root)(value) === true;
}

describe("what the decoder takes without a word passes, and what it complains about does not", () => {
  test.each<[string, TSchema, unknown, boolean]>([
    ["count", count(described), 5, true],
    ["count", count(described), "5", true],
    ["count", count(described), 1.5, false],
    ["count", count(described), "x", false],
    ["count", count({ ...described, minimum: 2 }), 1, false],
    ["real", real(described), 1.5, true],
    ["real", real(described), "1.5e3", true],
    ["real", real(described), "x", false],
    ["real", real({ ...described, maximum: 2 }), 3, false],
    ["duration", duration(described), "1h30m", true],
    ["duration", duration(described), "1.5s", true],
    ["duration", duration(described), "7d", true],
    ["duration", duration(described), 0, true],
    ["duration", duration(described), 5, false],
    ["duration", duration(described), "5", false],
    ["duration", duration(described), "5 s", false],
    ["size", size(described), 512, true],
    ["size", size(described), "10MiB", true],
    ["size", size(described), "1.5 kB", true],
    ["size", size(described), "5 parsecs", false],
    ["choice", choice(["a", "b"], described), "b", true],
    ["choice", choice(["a", "b"], described), "c", false],
    ["switch", Type.Boolean(described), false, true],
    ["switch", Type.Boolean(described), "true", true],
    ["switch", Type.Boolean(described), "yes", false],
    ["switch", Type.Boolean(described), 1, false],
    ["text", Type.String(described), "x", true],
    ["text", Type.String(described), 5, true],
    ["text", Type.String(described), ["x"], false],
    ["text", Type.String({ ...described, minLength: 1 }), "", false],
    ["secret", secret(described), "x", true],
    ["template", template(described), "{{ .x }}", true],
    ["template", template(described), { a: 1 }, false],
    ["any", any(described), [1, { a: null }], true],
    ["map", anyMap(described), { a: 1 }, true],
    ["map", anyMap(described), [1], false],
    ["tree", node(described), [1], true],
    ["map of templates", templateValue({ ...described, shape: "map" }), { a: "{{ .x }}" }, true],
    ["map of templates", templateValue({ ...described, shape: "map" }), "x", false],
    ["list", Type.Array(count(described), described), [1, "2"], true],
    ["list", Type.Array(count(described), described), [1, "x"], false],
    ["list", Type.Array(count(described), { ...described, minItems: 1 }), [], false],
    ["record", Type.Record(Type.String(), count(described), described), { a: 1 }, true],
    ["record", Type.Record(Type.String(), count(described), described), { a: "x" }, false],
    ["object", Type.Object({ a: count(described) }, described), { a: 1 }, true],
    ["object", Type.Object({ a: count(described) }, described), {}, false],
    ["object", Type.Object({ a: count(described) }, described), { a: 1, b: 2 }, false],
    ["step", steps({ ...described, form: "one" }), { type: "t" }, true],
    ["step", steps({ ...described, form: "one" }), [{ type: "t" }], false],
    ["steps", steps({ ...described, form: "list" }), [{ type: "t" }], true],
    ["steps", steps({ ...described, form: "list" }), { type: "t" }, false],
    ["reference", ref(Clock, described), "wall", true],
    ["reference", ref(Clock, described), ["wall"], false],
  ])("%s (%#)", (_title, field, value, isFine) => {
    expect(passes(field, value)).toBe(isFine);
    const { errors, warnings } = decode(Type.Object({ a: field }), JSON.stringify({ a: value }));
    expect([...errors, ...warnings].length === 0).toBe(isFine);
  });
});

test.each([
  [count(described)],
  [duration(described)],
  [size(described)],
  [choice(["a"], described)],
  [Type.Boolean(described)],
])("a value that is only known later passes as text (%#)", (field) => {
  expect(passes(field, "${VALUE}")).toBe(true);
  expect(passes(field, "x-${env:VALUE:-3}")).toBe(true);
  expect(passes(field, '{{config "value"}}')).toBe(true);
  expect(passes(field, "$VALUE")).toBe(false);
});

test("only what has no default and nothing to fall back to is required, and hidden keys are left out", () => {
  const schema = Type.Object({
    needed: Type.String(described),
    defaulted: Type.String({ ...described, default: "x" }),
    optional: Type.Optional(Type.String(described)),
    service: ref(Clock, described),
    found: ref(Clock, { ...described, fallback: "first" }),
    maybe: optionalRef(Clock, described),
    all: refAll(Clock, described),
    at: position(),
  });
  const projected = jsonSchemaOf(fieldSchema(schema), places);
  expect(projected.required).toEqual(["needed", "service"]);
  expect(Object.keys(projected.properties as object)).toEqual([
    "needed",
    "defaulted",
    "optional",
    "service",
    "found",
    "maybe",
  ]);
});

test("a key may be written under its other names", () => {
  const schema = Type.Object({ url: count({ ...described, aliases: ["address"] }) });
  expect(passes(schema, { url: 1 })).toBe(true);
  expect(passes(schema, { address: 1 })).toBe(true);
  expect(passes(schema, {})).toBe(false);
  expect(passes(schema, { address: "x" })).toBe(false);
});

test("an object may let other keys in", () => {
  expect(passes(Type.Object({}, { additionalProperties: true }), { a: [] })).toBe(true);
  expect(passes(Type.Object({}, { additionalProperties: count(described) }), { a: 1 })).toBe(true);
  expect(passes(Type.Object({}, { additionalProperties: count(described) }), { a: [] })).toBe(false);
});

test("description, default, examples, kind and role are kept for editors", () => {
  expect(jsonSchemaOf(fieldSchema(duration({ ...described, default: "5s", examples: ["1m"] })), places)).toMatchObject({
    description: "D.",
    default: "5s",
    examples: ["1m"],
    "x-kind": "duration",
  });
  expect(jsonSchemaOf(fieldSchema(ref(Clock, described)), places)).toMatchObject({
    "x-kind": "ref",
    "x-port": "clock",
  });
});
