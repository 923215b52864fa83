import type { FieldSchema } from "./field.ts";
import { isRequired } from "./json_schema.ts";
import { labelOf } from "./label.ts";

/** How a form shows a field. */
export type FormFieldType =
  "string" | "number" | "boolean" | "select" | "json" | "duration" | "array" | "map" | "filepath" | "sql";

/** One field of a form, as the management API gives it. */
export interface FormField {
  readonly key: string;
  readonly label: string;
  readonly type: FormFieldType;
  readonly description?: string;
  readonly required?: true;
  readonly defaultValue?: unknown;
  readonly options?: readonly string[];
  readonly placeholder?: string;
  /** Type of the items of an array. */
  readonly arrayItemType?: FormFieldType;
  /** Type of the values of a map. */
  readonly mapValueType?: FormFieldType;
  /** `<edge>.<what>`: the value of a field that names a module comes from the node it is connected to. */
  readonly inheritFrom?: "dependency.name";
  /** Shown as a password. */
  readonly sensitive?: true;
}

/** The fields of a configuration object in the order of its schema, without those that files do not hold. */
export function formFieldsOf(config: FieldSchema): readonly FormField[] {
  return Object.entries(config.properties ?? {})
    .filter(([, field]) => field["x-hidden"] !== true)
    .map(([key, field]) => formField(key, field, config));
}

/** The defaults of a configuration object, as a new node gets them. */
export function defaultConfigOf(config: FieldSchema): Readonly<Record<string, unknown>> {
  const fields = Object.entries(config.properties ?? {});
  return Object.fromEntries(fields.filter(([, { default: value }]) => value !== undefined).map(withDefault));
}

function withDefault([key, field]: readonly [string, FieldSchema]): [string, unknown] {
  return [key, field.default];
}

function formField(key: string, field: FieldSchema, parent: FieldSchema): FormField {
  const type = formType(field);
  const [valueSchema] = Object.values(field.patternProperties ?? {});
  const example = field.examples?.[0] ?? (type === "duration" && field.default === undefined ? "30s" : undefined);
  return {
    key,
    label: labelOf(key),
    type,
    ...(field.description === undefined ? {} : { description: field.description }),
    ...(isRequired(parent, key, field) ? { required: true } : {}),
    ...(field.default === undefined ? {} : { defaultValue: field.default }),
    ...(type === "select" ? { options: field.enum ?? [] } : {}),
    ...(typeof example === "string" ? { placeholder: example } : {}),
    ...(type === "array" ? { arrayItemType: formType(field.items ?? {}) } : {}),
    ...(type === "map" && valueSchema !== undefined ? { mapValueType: formType(valueSchema) } : {}),
    ...(field["x-kind"] === "ref" ? { inheritFrom: "dependency.name" } : {}),
    ...(field["x-kind"] === "secret" ? { sensitive: true } : {}),
  };
}

function formType(field: FieldSchema): FormFieldType {
  switch (field["x-kind"]) {
    case undefined:
      return nativeFormType(field);
    case "count":
    case "real":
      return "number";
    case "choice":
      return "select";
    case "duration":
      return "duration";
    case "path":
    case "file":
      return "filepath";
    case "sql":
      return "sql";
    case "any":
    case "node":
    case "steps":
    case "templateValue":
      return "json";
    default:
      return "string";
  }
}

/** Lists and maps of plain values get rows; what is nested deeper is edited as JSON, which loses nothing. */
function nativeFormType(field: FieldSchema): FormFieldType {
  switch (field.type) {
    case "boolean":
      return "boolean";
    case "array":
      return isFlat(field.items ?? {}) ? "array" : "json";
    case "object": {
      const [valueSchema] = Object.values(field.patternProperties ?? {});
      return valueSchema !== undefined && isFlat(valueSchema) ? "map" : "json";
    }
    default:
      return "string";
  }
}

function isFlat(field: FieldSchema): boolean {
  return !["json", "array", "map"].includes(formType(field));
}
