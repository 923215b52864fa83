import type { FieldSchema } from "../../src/schema/field.ts";
import { isPlainMap } from "../../src/json/map.ts";

/**
 * The settings a component has to read, as paths: `tls.manual.cert_file`, `routes[].method`. Notes for readers, which
 * say so, need not be read; nor a choice of one word, whose effect is that every other word is refused.
 */
export function settingPaths(schema: FieldSchema, prefix = ""): readonly string[] {
  return Object.entries(schema.properties ?? {})
    .filter(([, field]) => field["x-hidden"] !== true && !isNote(field) && !isFixed(field))
    .flatMap(([key, field]) => [`${prefix}${key}`, ...innerPaths(field, `${prefix}${key}`)]);
}

function isNote({ description = "" }: FieldSchema): boolean {
  return description.includes("for readers");
}

function isFixed(field: FieldSchema): boolean {
  return field.enum?.length === 1 && field["x-invalid"] === "error";
}

function innerPaths(field: FieldSchema, path: string): readonly string[] {
  if (field["x-kind"] !== undefined) return [];
  const [valueSchema] = Object.values(field.patternProperties ?? {});
  if (field.items !== undefined) return innerPaths(field.items, `${path}[]`);
  return valueSchema === undefined ? settingPaths(field, `${path}.`) : innerPaths(valueSchema, `${path}.*`);
}

/** Decoded settings that note in `read` which of them are read, at any depth. */
export function recorded(value: unknown, schema: FieldSchema, read: Set<string>, path = ""): unknown {
  if (schema["x-kind"] !== undefined) return value;
  if (Array.isArray(value)) return value.map((item) => recorded(item, schema.items ?? {}, read, `${path}[]`));
  if (!isPlainMap(value)) return value;
  const [valueSchema] = Object.values(schema.patternProperties ?? {});
  if (valueSchema !== undefined) {
    const entries = Object.entries(value);
    return Object.fromEntries(entries.map(([key, item]) => [key, recorded(item, valueSchema, read, `${path}.*`)]));
  }
  const { properties = {} } = schema;
  const pathOf = (key: string) => (path === "" ? key : `${path}.${key}`);
  const note = (key: string | symbol) => {
    if (typeof key === "string") read.add(pathOf(key));
  };
  const inner = Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      const field = Object.hasOwn(properties, key) ? properties[key] : undefined;
      return [key, field === undefined ? item : recorded(item, field, read, pathOf(key))];
    }),
  );
  return new Proxy(inner, {
    get(target, key, receiver): unknown {
      note(key);
      return Reflect.get(target, key, receiver);
    },
    has(target, key) {
      note(key);
      return Reflect.has(target, key);
    },
  });
}
