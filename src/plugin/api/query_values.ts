import { templateFields, type TemplateFieldMap } from "../../template/template_fields.ts";

/**
 * The parameters of a query as a map of lists. In templates `.query.page` is the list, `.query.Get "page"` its first
 * value, and a parameter that is absent an empty list.
 */
export function queryValues(query: URLSearchParams): Record<string, string[]> {
  const values: Record<string, string[]> = Object.create(null);
  for (const [name, value] of query) {
    const list = values[name];
    if (list === undefined) values[name] = [value];
    else list.push(value);
  }
  return Object.defineProperty(values, templateFields, { value: fields });
}

const fields: TemplateFieldMap = new Map([
  ["Get", (self: unknown, name: unknown) => listOf(self, name)[0] ?? ""],
  ["Has", (self: unknown, name: unknown) => listOf(self, name).length > 0],
  ["", () => []],
]);

function listOf(self: unknown, name: unknown): readonly unknown[] {
  if (typeof self !== "object" || self === null || typeof name !== "string") return [];
  const list: unknown = Object.hasOwn(self, name) ? Reflect.get(self, name) : undefined;
  return Array.isArray(list) ? list : [];
}
