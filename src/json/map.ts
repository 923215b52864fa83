/** Whether a value is a plain map: an object that is no list, date, bytes or other class. */
export function isPlainMap(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** The value when it is a map, else an empty one. */
export function asMap(value: unknown): Record<string, unknown> {
  return isPlainMap(value) ? value : {};
}

/** The own keys of a map; none for anything else. */
export function keysOf(value: unknown): readonly string[] {
  return isPlainMap(value) ? Object.keys(value) : [];
}

/** An own value of a map; undefined for anything that is not a map or has no such key. */
export function ownValue(value: unknown, key: string): unknown {
  return isPlainMap(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}
