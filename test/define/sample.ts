import type { FieldSchema } from "../../src/schema/field.ts";

/** Settings as a user could write them, made from their schema: every key present, with its default if any. */
export function fullSample(schema: FieldSchema): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(schema.properties ?? {})
      .filter(([, field]) => field["x-hidden"] !== true)
      .map(([key, field]) => [key, sampleOf(key, field)]),
  );
}

/**
 * The full sample, the sample with only what is required, and the full one with each other word of a choice and each
 * switch turned, at the top and in nested maps: code reads some settings only beside certain others.
 */
export function samplesOf(schema: FieldSchema): readonly Record<string, unknown>[] {
  const full = fullSample(schema);
  const variants = Object.entries(schema.properties ?? {}).flatMap(([key, field]) =>
    variantsOf(field).map((value) => ({ ...full, [key]: value })),
  );
  const withoutOne = Object.keys(full).map((key) =>
    Object.fromEntries(Object.entries(full).filter(([name]) => name !== key)),
  );
  return [full, requiredSample(schema), ...variants, ...withoutOne];
}

function requiredSample(schema: FieldSchema): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(schema.properties ?? {})
      .filter(([key, field]) => schema.required?.includes(key) === true && field["x-hidden"] !== true)
      .filter(([, field]) => field.default === undefined)
      .map(([key, field]) => [key, sampleOf(key, field)]),
  );
}

function variantsOf(field: FieldSchema): readonly unknown[] {
  if (field["x-kind"] === "choice") return field.enum ?? [];
  if (field["x-kind"] === undefined && field.type === "boolean") return [true, false];
  if (field["x-kind"] === undefined && field.type === "object" && field.properties !== undefined)
    return samplesOf(field);
  if (field["x-kind"] === undefined && field.type === "array" && field.items?.properties !== undefined)
    return samplesOf(field.items).map((item) => [item]);
  return [];
}

function sampleOf(key: string, field: FieldSchema): unknown {
  const [example] = field.examples ?? [];
  if (example !== undefined) return example;
  const isCollection = field["x-kind"] === undefined && (field.type === "array" || field.type === "object");
  if (field.default !== undefined && field.default !== "" && !isCollection) return field.default;
  return field["x-kind"] === undefined ? nativeSample(key, field) : kindSample(key, field);
}

function nativeSample(key: string, field: FieldSchema): unknown {
  switch (field.type) {
    case "boolean":
      return true;
    case "array":
      return [sampleOf(key, field.items ?? {})];
    case "object": {
      const [valueSchema] = Object.values(field.patternProperties ?? {});
      return valueSchema === undefined ? fullSample(field) : { sample: sampleOf(key, valueSchema) };
    }
    default:
      return textSample(key);
  }
}

/** A text that most readers of such a key accept. */
function textSample(key: string): string {
  if (/ur[il]|target|endpoint|backend/i.test(key)) return "http://localhost:1/sample";
  if (/path|prefix|route/i.test(key)) return "/sample";
  if (/method/i.test(key)) return "GET";
  return "sample";
}

function kindSample(key: string, field: FieldSchema): unknown {
  switch (field["x-kind"]) {
    case "count":
    case "real":
      return field.minimum ?? 1;
    case "size":
      return field.minimum ?? 1024;
    case "duration":
      return "1s";
    case "choice":
      return field.enum?.[0] ?? "";
    case "cron":
      return "@hourly";
    case "sql":
      return "select 1";
    case "steps":
      return field["x-form"] === "one"
        ? { type: "step.set", values: { a: 1 } }
        : [{ type: "step.set", values: { a: 1 } }];
    case "templateValue":
      return field.type === "array" ? ["{{ .a }}"] : { sample: "{{ .a }}" };
    case "any":
    case "node":
      return field.type === undefined ? "sample" : { sample: "sample" };
    case "secret":
      return "0123456789abcdef0123456789abcdef";
    default:
      return textSample(key);
  }
}
