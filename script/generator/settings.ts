import type { FieldSchema } from "../../src/schema/field.ts";
import { isRequired } from "../../src/schema/json_schema.ts";
import { code, spacedJson, wrap } from "./page.ts";

/** The settings of a component as a nested list, or a sentence when it has none. */
export function settingsList(config: FieldSchema): string {
  const items = itemsOf(config, "");
  return items.length === 0 ? "There are no settings." : items.join("\n");
}

function itemsOf(parent: FieldSchema, indent: string): readonly string[] {
  return Object.entries(parent.properties ?? {})
    .filter(([, field]) => field["x-hidden"] !== true)
    .flatMap(([key, field]) => [item(key, field, parent, indent), ...innerItems(field, `${indent}  `)]);
}

function item(key: string, field: FieldSchema, parent: FieldSchema, indent: string): string {
  const aliases = field["x-aliases"] ?? [];
  const facts = [
    typeText(field),
    isRequired(parent, key, field) ? "required" : undefined,
    field.default === undefined ? undefined : `default ${code(spacedJson(field.default))}`,
    aliases.length === 0 ? undefined : `also written ${aliases.map(code).join(", ")}`,
  ].filter((fact) => fact !== undefined);
  const examples = (field.examples ?? []).map((example) => code(example)).join(", ");
  const example = examples === "" ? "" : ` For example ${examples}.`;
  const text = `**${code(key)}** (${facts.join(", ")}): ${field.description ?? ""}${example}`;
  return wrap(text, `${indent}- `, `${indent}  `);
}

/** What stands inside a map, a list's items or a map's values. */
function innerItems(field: FieldSchema, indent: string): readonly string[] {
  const [valueSchema] = Object.values(field.patternProperties ?? {});
  const inner = valueSchema ?? field.items ?? field;
  if (inner === field) return itemsOf(field, indent);
  return inner.properties === undefined ? innerOf(inner, indent) : itemsOf(inner, indent);
}

function innerOf(field: FieldSchema, indent: string): readonly string[] {
  return field.items === undefined && field.patternProperties === undefined ? [] : innerItems(field, indent);
}

/** What a value looks like, in words. */
export function typeText(field: FieldSchema): string {
  switch (field["x-kind"]) {
    case undefined:
      return nativeText(field);
    case "any":
    case "node":
      return field.type === "object" ? "map" : "any value";
    case "templateValue":
      return field.type === "object"
        ? "map with templates"
        : field.type === "array"
          ? "list with templates"
          : "value with templates";
    case "count":
      return `whole number${rangeText(field)}`;
    case "real":
      return `number${rangeText(field)}`;
    case "size":
      return "size";
    case "duration":
      return "duration";
    case "choice":
      return `one of ${(field.enum ?? []).map(code).join(", ")}`;
    case "ref":
      return `name of ${field["x-port-title"] ?? "a module"}`;
    case "path":
      return field["x-base"] === "work" ? "path, relative to the working directory" : "path, relative to this file";
    case "file":
      return "file, relative to this file";
    case "expression":
      return "path to a value";
    case "steps":
      return field["x-form"] === "one" ? "step" : "list of steps";
    case "cron":
      return "cron expression";
    case "sql":
      return "SQL";
    case "secret":
      return "text, kept secret";
    case "template":
      return "text with templates";
    default:
      return "text";
  }
}

function nativeText(field: FieldSchema): string {
  const [valueSchema] = Object.values(field.patternProperties ?? {});
  switch (field.type) {
    case "boolean":
      return "`true` or `false`";
    case "array":
      return `list of ${plural(typeText(field.items ?? {}))}`;
    case "object":
      return valueSchema === undefined ? "map" : `map of names to ${plural(typeText(valueSchema))}`;
    default:
      return "text";
  }
}

function plural(text: string): string {
  if (text === "text") return "texts";
  if (text === "map") return "maps";
  return text.replace(/^name of /, "names, each of ");
}

function rangeText({ minimum, maximum }: FieldSchema): string {
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`;
  if (minimum !== undefined) return `, at least ${minimum}`;
  return maximum === undefined ? "" : `, at most ${maximum}`;
}
