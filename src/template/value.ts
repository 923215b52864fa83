import { compareUtf8 } from "../json/key_order.ts";
import type { NumberKind } from "./define_function.ts";
import { refusal } from "./failure.ts";
import { fieldsOf, type TemplateField } from "./template_fields.ts";
import type { TemplateScope } from "./template_scope.ts";

/** A value whose own keys a template may read: a plain object, never a class instance or a list. */
export type ValueMap = Readonly<Record<string, unknown>>;

/** What stands for the outputs of a step that has not run. */
export const noOutputs: Readonly<Record<string, unknown>> = Object.freeze({});

/** Whether a value is nil, which a missing key is as well. */
export function isNil(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}

/** Whether a value is a map. */
export function isMap(value: unknown): value is ValueMap {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Whether a value is a number; whole numbers beyond 2^53 arrive as bigint. */
export function isNumber(value: unknown): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}

/** The number as an int, or undefined when it has a fraction or is too large to count with. */
export function asInt(value: unknown): number | undefined {
  const number = typeof value === "bigint" ? Number(value) : value;
  return typeof number === "number" && Number.isSafeInteger(number) ? number : undefined;
}

/** Truth of a value: nil, false, zero, and empty text, lists and maps are false. */
export function isTrue(value: unknown): boolean {
  switch (typeof value) {
    case "string":
      return value !== "";
    case "boolean":
      return value;
    // NaN differs from zero, so it is true, unlike in JavaScript.
    case "number":
      return value !== 0;
    case "bigint":
      return value !== 0n;
    case "undefined":
      return false;
    case "object": {
      if (value === null) return false;
      if (Array.isArray(value) || value instanceof Uint8Array) return value.length > 0;
      return !isMap(value) || hasKeys(value);
    }
    default:
      return true;
  }
}

function hasKeys(map: ValueMap): boolean {
  for (const key in map) if (Object.hasOwn(map, key)) return true;
  return false;
}

/** The keys of a map in the order in which they are printed and ranged over. */
export function sortedKeys(map: ValueMap): string[] {
  return Object.keys(map).sort(compareUtf8);
}

/** The type of a value as messages name it. */
export function typeName(value: unknown, numberKind: NumberKind = "float64"): string {
  switch (typeof value) {
    case "string":
      return "string";
    case "boolean":
      return "bool";
    case "number":
      return numberKind;
    case "bigint":
      return "int";
    case "undefined":
      return "interface {}";
    case "object":
      if (value === null) return "interface {}";
      if (Array.isArray(value)) return "[]interface {}";
      if (value instanceof Uint8Array) return "[]uint8";
      if (value instanceof Date) return "time.Time";
      return isMap(value) ? "map[string]interface {}" : "object";
    default:
      return typeof value;
  }
}

/** Reads one own key of a map; an absent key is undefined, whatever the prototype has. */
export function ownValue(map: ValueMap, key: string): unknown {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

/** Reads `.name` of a value. Refuses values that have no fields. */
export function fieldOf(value: unknown, name: string, scope: TemplateScope): unknown {
  if (isMap(value)) {
    // A method goes before a key of the same name, which may come from outside, as in a query string.
    const method = methodOf(value, name);
    if (method !== undefined) return method(value);
    return Object.hasOwn(value, name) ? value[name] : absentKey(value, name, scope);
  }
  if (isNil(value)) throw refusal(`nil pointer evaluating interface {}.${name}`);
  const field = methodOf(value, name);
  if (field === undefined) throw refusal(`can't evaluate field ${name} in type interface {}`);
  return field(value);
}

/** Calls the method `.name` of a value with arguments. */
export function callField(value: unknown, name: string, args: readonly unknown[]): unknown {
  if (isNil(value)) throw refusal(`nil pointer evaluating interface {}.${name}`);
  const method = methodOf(value, name);
  if (method !== undefined) return method(value, ...args);
  if (isMap(value)) throw refusal(`${name} is not a method but has arguments`);
  throw refusal(`can't evaluate field ${name} in type interface {}`);
}

/** The value of a key of a map as `index` reads it: methods do not count. */
export function keyOf(map: ValueMap, key: string, scope: TemplateScope): unknown {
  return Object.hasOwn(map, key) ? map[key] : absentKey(map, key, scope);
}

/** What stands for a key that is not there: nil, unless the map says otherwise. */
function absentKey(map: ValueMap, name: string, scope: TemplateScope): unknown {
  return map === scope.steps ? noOutputs : fieldsOf(map)?.get("")?.(map, name);
}

function methodOf(value: unknown, name: string): TemplateField | undefined {
  return typeof value === "object" && value !== null && name !== "" ? fieldsOf(value)?.get(name) : undefined;
}

/** Walks a map by keys; anything that is missing or no plain map on the way gives undefined. Never throws. */
export function walk(root: unknown, keys: readonly unknown[]): unknown {
  let value = root;
  for (const key of keys) {
    if (!isMap(value) || typeof key !== "string" || fieldsOf(value) !== undefined) return undefined;
    value = ownValue(value, key);
  }
  return value;
}
