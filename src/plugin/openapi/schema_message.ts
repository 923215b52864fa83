import type { ErrorObject } from "ajv";

/** Messages that a client gets at most. */
const messagesMax = 100;

/** Says what is wrong with a request body, a sentence for each problem. */
export function bodyMessages(errors: readonly ErrorObject[]): readonly string[] {
  return distinct(errors.map((error) => bodyMessage(error)));
}

/** Says what is wrong with a parameter. */
export function parameterMessages(name: string, errors: readonly ErrorObject[]): readonly string[] {
  return distinct(errors.map((error) => `parameter "${name}" ${requirement(error)}`));
}

function distinct(messages: readonly string[]): readonly string[] {
  return [...new Set(messages)].slice(0, messagesMax);
}

function bodyMessage(error: ErrorObject): string {
  const field = fieldName(error.instancePath);
  switch (error.keyword) {
    case "required":
      return `request body: required field "${joined(field, String(error.params.missingProperty))}" is missing`;
    case "additionalProperties":
      return `field "${joined(field, String(error.params.additionalProperty))}" is not allowed`;
    case "unevaluatedProperties":
      return `field "${joined(field, String(error.params.unevaluatedProperty))}" is not allowed`;
    default:
      if (field !== "") return `field "${field}" ${requirement(error)}`;
      if (error.keyword === "type" && error.params.type === "object") return "request body must be a JSON object";
      return `request body ${requirement(error)}`;
  }
}

function joined(field: string, name: string): string {
  return field === "" ? name : `${field}.${name}`;
}

/** `/items/0/price` as `items[0].price`. */
function fieldName(instancePath: string): string {
  let name = "";
  for (const part of instancePath.split("/").slice(1)) {
    const key = part.replaceAll("~1", "/").replaceAll("~0", "~");
    name = /^\d+$/.test(key) ? `${name}[${key}]` : joined(name, key);
  }
  return name;
}

function requirement({ keyword, params, data, message }: ErrorObject): string {
  switch (keyword) {
    case "type":
      return `must be ${typesText(params.type)}, got ${typeOf(data)}`;
    case "minimum":
    case "maximum":
    case "exclusiveMinimum":
    case "exclusiveMaximum":
      return `must be ${String(params.comparison)} ${String(params.limit)}`;
    case "enum":
      return `must be one of ${listText(params.allowedValues)}`;
    case "minLength":
    case "maxLength":
    case "minItems":
    case "maxItems":
    case "minProperties":
    case "maxProperties":
      return `must have ${keyword} ${String(params.limit)}`;
    case "pattern":
      return `does not match pattern "${String(params.pattern)}"`;
    case "format":
      return `does not match format "${String(params.format)}"`;
    default:
      return message ?? "is not valid";
  }
}

const withArticle: Readonly<Record<string, string>> = {
  string: "a string",
  integer: "an integer",
  number: "a number",
  boolean: "a boolean",
  array: "an array",
  object: "an object",
  null: "null",
};

function typesText(types: unknown): string {
  const list = Array.isArray(types) ? types.map(String) : String(types).split(",");
  return list.map((type) => (Object.hasOwn(withArticle, type) ? (withArticle[type] ?? type) : type)).join(" or ");
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

function listText(values: unknown): string {
  return Array.isArray(values) ? `[${values.map(String).join(" ")}]` : String(values);
}
