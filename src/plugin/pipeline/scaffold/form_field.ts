import { isPlainMap, keysOf, ownValue } from "../../../json/map.ts";
import { follow } from "./document.ts";
import { labelOf } from "./name.ts";

/** How a field is shown and read: an HTML input type, `textarea`, `select`, or `json` for lists and maps. */
export type FieldType =
  | "text"
  | "email"
  | "password"
  | "url"
  | "date"
  | "datetime-local"
  | "number"
  | "checkbox"
  | "textarea"
  | "select"
  | "json";

/** One field of a form. */
export interface FormField {
  /** The property that is sent. */
  readonly name: string;
  readonly label: string;
  readonly type: FieldType;
  readonly required: boolean;
  /** The choices of a `select`. */
  readonly options: readonly string[];
}

/** Levels of `allOf` that are merged. */
const mergedLevelsMax = 32;

/** Most properties that are looked at, most fields of one form, and most choices of one field. */
const propertiesMax = 1000;
const fieldsMax = 100;
const optionsMax = 100;

/** Longer names and choices are left out: through references a small document could hold them many times. */
const textMax = 200;

const textLengthOfAreas = 256;

const formats: ReadonlyMap<unknown, FieldType> = new Map([
  ["email", "email"],
  ["password", "password"],
  ["uri", "url"],
  ["url", "url"],
  ["date", "date"],
  ["date-time", "datetime-local"],
]);

/** The fields for the properties of an object schema, but the id and those the server sets. */
export function formFieldsOf(root: Record<string, unknown>, schema: unknown): readonly FormField[] {
  const properties = new Map<string, unknown>();
  const required = new Set<unknown>();
  collect(root, schema, { properties, required, seen: new Set(), level: 0 });
  return [...properties]
    .map(([name, value]) => [name, follow(root, value)] as const)
    .filter(([name, value]) => name !== "id" && ownValue(value, "readOnly") !== true)
    .slice(0, fieldsMax)
    .map(([name, value]) => fieldOf(name, value, required.has(name)));
}

interface Collected {
  readonly properties: Map<string, unknown>;
  readonly required: Set<unknown>;
  readonly seen: Set<unknown>;
  readonly level: number;
}

function collect(root: Record<string, unknown>, schema: unknown, found: Collected): void {
  const { properties, required, seen, level } = found;
  const target = follow(root, schema);
  // A schema may contain itself, and be named many times.
  if (level > mergedLevelsMax || seen.has(target) || !isPlainMap(target)) return;
  seen.add(target);
  for (const part of listOf(ownValue(target, "allOf"))) collect(root, part, { ...found, level: level + 1 });
  const own = ownValue(target, "properties");
  for (const name of keysOf(own)) {
    if (properties.size === propertiesMax) return;
    if (name.length <= textMax) properties.set(name, ownValue(own, name));
  }
  for (const name of listOf(ownValue(target, "required"))) required.add(name);
}

function fieldOf(name: string, schema: unknown, required: boolean): FormField {
  const options = listOf(ownValue(schema, "enum"))
    .filter((value) => typeof value === "string" || typeof value === "number")
    .map(String)
    .filter((text) => text.length <= textMax)
    .slice(0, optionsMax);
  const type = fieldType(name, schema, options.length > 0);
  return { name, label: labelOf(name), type, required, options };
}

function fieldType(name: string, schema: unknown, hasOptions: boolean): FieldType {
  const written = ownValue(schema, "type");
  // OpenAPI 3.1 may list `null` beside the type.
  const type: unknown = Array.isArray(written) ? written.find((word) => word !== "null") : written;
  if (type === "boolean") return "checkbox";
  if (type === "array" || type === "object") return "json";
  // Before the choices: a select would send the number as text.
  if (type === "integer" || type === "number") return "number";
  if (hasOptions) return "select";
  const format = formats.get(ownValue(schema, "format"));
  if (format !== undefined) return format;
  if (/password$/i.test(name)) return "password";
  if (/e-?mail$/i.test(name)) return "email";
  const longest = ownValue(schema, "maxLength");
  const isLong = typeof longest === "number" && longest >= textLengthOfAreas;
  return isLong || /(description|comment|notes?|body|text)$/i.test(name) ? "textarea" : "text";
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
