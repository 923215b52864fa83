import { defineFunction, type NumberKind } from "../define_function.ts";
import { refusal } from "../failure.ts";
import type { TemplateScope } from "../template_scope.ts";
import { asInt, isMap, isNil, isNumber, keyOf, typeName } from "../value.ts";

/** Looks up keys and positions one after the other. */
export const index = defineFunction({
  name: "index",
  summary: "The value found by following keys of maps and positions of lists.",
  parameters: [
    { name: "item", type: "any", description: "A map, list or text." },
    { name: "keys", type: "any", rest: true, description: "A key for each map and a number, from 0, for each list." },
  ],
  call([item, ...keys], scope, { numberKinds: [kind, ...kinds] }) {
    if (isNil(item)) throw refusal("index of untyped nil");
    let value: unknown = item;
    for (const [at, key] of keys.entries()) value = indexed(value, key, scope, at === 0 ? kind : undefined, kinds[at]);
    return value;
  },
});

/** One step of `index`. */
export function indexed(
  item: unknown,
  key: unknown,
  scope: TemplateScope,
  kind?: NumberKind,
  keyKind?: NumberKind,
): unknown {
  if (isNil(item)) throw refusal("index of nil pointer");
  if (isMap(item)) {
    if (typeof key === "string") return keyOf(item, key, scope);
    throw refusal(`value has type ${isNil(key) ? "nil" : typeName(key, keyKind)}; should be string`);
  }
  if (Array.isArray(item) || item instanceof Uint8Array) return item[position(key, item.length - 1, keyKind)];
  if (typeof item === "string") {
    const bytes = new TextEncoder().encode(item);
    return bytes[position(key, bytes.length - 1, keyKind)];
  }
  throw refusal(`can't index item of type ${typeName(item, kind)}`);
}

/** A number from data is called a float in the message, since that is how it was decoded. */
function position(key: unknown, max: number, kind: NumberKind | undefined): number {
  if (isNil(key)) throw refusal("cannot index slice/array with nil");
  const at = asInt(key);
  if (at !== undefined && at >= 0 && at <= max) return at;
  if (at !== undefined && kind === "int") throw refusal(`index out of range: ${at}`);
  const reason = isNumber(key) ? `: index out of range: ${key}` : "";
  throw refusal(`cannot index slice/array with type ${typeName(key, kind)}${reason}`);
}

/** Cuts a part out of a text or list. */
export const slice = defineFunction({
  name: "slice",
  summary: "The part of a text (counted in bytes) or list between two positions.",
  parameters: [
    { name: "item", type: "any", description: "A text or list." },
    { name: "bounds", type: "any", rest: true, description: "The first position, from 0, and the one after the last." },
  ],
  call([item, ...bounds], _scope, { numberKinds: [kind, ...kinds] }) {
    if (isNil(item)) throw refusal("slice of untyped nil");
    if (bounds.length > 3) throw refusal(`too many slice indexes: ${bounds.length}`);
    if (typeof item === "string") {
      if (bounds.length === 3) throw refusal("cannot 3-index slice a string");
      const bytes = new TextEncoder().encode(item);
      const [start, end] = limits(bounds, bytes.length, kinds);
      return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes.subarray(start, end));
    }
    if (!Array.isArray(item) && !(item instanceof Uint8Array)) {
      throw refusal(`can't slice item of type ${typeName(item, kind)}`);
    }
    const [start, end] = limits(bounds, item.length, kinds);
    return item.slice(start, end);
  },
});

/** A third bound sets a capacity, which lists here do not have; it is only checked. */
function limits(bounds: readonly unknown[], length: number, kinds: readonly NumberKind[]): [number, number] {
  const [start = 0, end = length, capacity = length] = bounds.map((bound, at) => {
    const number = isNil(bound) ? undefined : asInt(bound);
    if (number === undefined) throw refusal(`cannot index slice/array with type ${typeName(bound, kinds[at])}`);
    if (number < 0 || number > length) throw refusal(`index out of range: ${number}`);
    return number;
  });
  if (start > end) throw refusal(`invalid slice index: ${start} > ${end}`);
  if (end > capacity) throw refusal(`invalid slice index: ${end} > ${capacity}`);
  return [start, end];
}

/** Counts what is in a value. */
export const len = defineFunction({
  name: "len",
  summary: "The length of a text in bytes, or the number of entries of a list or map.",
  parameters: [{ name: "item", type: "any", description: "A text, list or map." }],
  numberKind: "int",
  call([item], _scope, { numberKinds: [kind] }) {
    if (isNil(item)) throw refusal("len of nil pointer");
    if (typeof item === "string") return Buffer.byteLength(item);
    if (Array.isArray(item) || item instanceof Uint8Array) return item.length;
    if (isMap(item)) return Object.keys(item).length;
    throw refusal(`len of type ${typeName(item, kind)}`);
  },
});
