import type { FieldSchema } from "./field.ts";

/** A JSON Schema (draft-07) as plain data. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** What a projected schema refers to outside itself. */
export interface JsonSchemaPlaces {
  /** JSON pointer of the schema of a step inside a step. */
  readonly flatStep: string;
}

/** Text that stands for a value which is only known when the configuration is loaded. */
const reference = String.raw`\$\{[^}]+\}|\{\{\s*config\s`;

const patterns = {
  boolean: `^(true|false)$|${reference}`,
  duration: String.raw`^[-+]?(([0-9]+\.?[0-9]*|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h|d))+$|^[-+]?0$|${reference}`,
  integer: String.raw`^\s*[-+]?[0-9]+\s*$|${reference}`,
  number: String.raw`^\s*[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?\s*$|${reference}`,
  size: String.raw`^\s*[0-9]+(\.[0-9]+)?\s*([bB]|[kKmMgG]([iI]?[bB]|[iI])?)?\s*$|${reference}`,
};

/** Text as the decoder takes it: numbers and booleans count as what was written. */
const scalarText: JsonSchema = { type: ["string", "number", "boolean"] };

/**
 * The JSON Schema of a field as editors need it: what the decoder accepts passes, a key with a default is not required,
 * keys that are not written in files are left out, and unknown keys, which the program warns about, do not pass.
 */
export function jsonSchemaOf(field: FieldSchema, places: JsonSchemaPlaces): JsonSchema {
  return { ...shapeOf(field, places), ...notesOf(field) };
}

/** Whether a key must be written: it has no default, nothing to fall back to, and is not optional. */
export function isRequired(parent: FieldSchema, key: string, field: FieldSchema): boolean {
  if (parent.required?.includes(key) !== true || field["x-hidden"] === true || field.default !== undefined)
    return false;
  return field["x-fallback"] === undefined && field["x-mode"] !== "optional";
}

function notesOf(field: FieldSchema): JsonSchema {
  const kind = field["x-kind"];
  const port = field["x-port"];
  return {
    ...(field.description === undefined ? {} : { description: field.description }),
    ...(field.default === undefined ? {} : { default: field.default }),
    ...(field.examples === undefined ? {} : { examples: field.examples }),
    ...(kind === undefined ? {} : { "x-kind": kind }),
    ...(port === undefined ? {} : { "x-port": port }),
  };
}

function shapeOf(field: FieldSchema, places: JsonSchemaPlaces): JsonSchema {
  switch (field["x-kind"]) {
    case undefined:
      return nativeShape(field, places);
    case "any":
    case "node":
    case "templateValue":
      return field.type === undefined ? {} : { type: field.type };
    case "count":
      return { type: ["integer", "string"], ...rangeOf(field), pattern: patterns.integer };
    case "real":
      return { type: ["number", "string"], ...rangeOf(field), pattern: patterns.number };
    case "size":
      return { type: ["integer", "string"], ...rangeOf(field), pattern: patterns.size };
    case "duration":
      // Of numbers only zero needs no unit.
      return { type: ["string", "integer"], pattern: patterns.duration, minimum: 0, maximum: 0 };
    case "choice":
      return { anyOf: [{ enum: field.enum ?? [] }, { type: "string", pattern: reference }] };
    case "steps": {
      const step = { $ref: places.flatStep };
      // Keywords beside `$ref` do not count in draft-07.
      return field["x-form"] === "one" ? { allOf: [step] } : { type: "array", items: step };
    }
    default:
      return scalarText;
  }
}

function nativeShape(field: FieldSchema, places: JsonSchemaPlaces): JsonSchema {
  switch (field.type) {
    case "boolean":
      return { type: ["boolean", "string"], pattern: patterns.boolean };
    case "array":
      return {
        type: "array",
        items: jsonSchemaOf(field.items ?? {}, places),
        ...(field.minItems === undefined ? {} : { minItems: field.minItems }),
      };
    case "object":
      return objectShape(field, places);
    default:
      return { ...scalarText, ...(field.minLength === undefined ? {} : { minLength: field.minLength }) };
  }
}

function objectShape(field: FieldSchema, places: JsonSchemaPlaces): JsonSchema {
  const [valueSchema] = Object.values(field.patternProperties ?? {});
  if (valueSchema !== undefined) return { type: "object", additionalProperties: jsonSchemaOf(valueSchema, places) };
  const properties: Record<string, JsonSchema> = {};
  const required: string[] = [];
  const oneOfNames: JsonSchema[] = [];
  for (const [key, property] of Object.entries(field.properties ?? {})) {
    if (property["x-hidden"] === true) continue;
    const schema = jsonSchemaOf(property, places);
    const aliases = property["x-aliases"] ?? [];
    properties[key] = schema;
    for (const alias of aliases) properties[alias] = { ...schema, description: `The same as \`${key}\`.` };
    if (!isRequired(field, key, property)) continue;
    if (aliases.length === 0) required.push(key);
    else oneOfNames.push({ anyOf: [key, ...aliases].map((name) => ({ required: [name] })) });
  }
  const extra = field.additionalProperties;
  return {
    type: "object",
    properties,
    ...(required.length === 0 ? {} : { required }),
    ...(oneOfNames.length === 0 ? {} : { allOf: oneOfNames }),
    additionalProperties: typeof extra === "object" ? jsonSchemaOf(extra, places) : extra === true,
  };
}

function rangeOf(field: FieldSchema): JsonSchema {
  return {
    ...(field.minimum === undefined ? {} : { minimum: field.minimum }),
    ...(field.maximum === undefined ? {} : { maximum: field.maximum }),
  };
}
