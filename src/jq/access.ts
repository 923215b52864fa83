import { fail } from "./failure.ts";
import {
  copyMap,
  describe,
  getKey,
  isEqual,
  isList,
  isMap,
  isNumber,
  type Json,
  type JsonMap,
  setKey,
  typeOf,
} from "./value.ts";

/** Largest position that may be written to; what lies before it is filled with null. */
const positionMax = 10_000_000;

/** The value at a key, a position or a slice, or the positions of a list inside a list. */
export function fieldOf(value: Json, key: Json): Json {
  if (typeof key === "string") {
    if (isMap(value)) return Object.hasOwn(value, key) ? (value[key] ?? null) : null;
    if (value === null) return null;
    throw fail(`Cannot index ${typeOf(value)} with string ${JSON.stringify(key)}`);
  }
  if (isNumber(key) && (isList(value) || value === null)) {
    if (value === null) return null;
    const position = Math.floor(Number(key));
    return value[position < 0 ? position + value.length : position] ?? null;
  }
  if (isMap(key) && (isList(value) || value === null || typeof value === "string")) return sliceOf(value, key);
  if (isList(key) && isList(value)) return positionsOf(value, key);
  if (isList(key) && value === null) return null;
  throw fail(`Cannot index ${typeOf(value)} with ${typeOf(key)}`);
}

/** Where a list occurs inside another. */
export function positionsOf(list: readonly Json[], part: readonly Json[]): Json {
  if (part.length === 0) return null;
  const found: number[] = [];
  for (let start = 0; start + part.length <= list.length; start++) {
    if (part.every((item, offset) => isEqual(item, list[start + offset] ?? null))) found.push(start);
  }
  return found;
}

/** A part of a list or text; characters count as one, whatever their size. */
export function sliceOf(value: Json, slice: JsonMap): Json {
  if (value === null) return null;
  if (typeof value === "string") {
    const { start, end } = boundsOf(slice, value.length);
    // Without surrogate pairs, code units are characters.
    if (!/[\ud800-\udfff]/.test(value)) return value.slice(start, end);
    const characters = Array.from(value);
    const bounds = boundsOf(slice, characters.length);
    return characters.slice(bounds.start, bounds.end).join("");
  }
  if (!isList(value)) throw fail(`Cannot index ${typeOf(value)} with object`);
  const { start, end } = boundsOf(slice, value.length);
  return value.slice(start, end);
}

function boundsOf(slice: JsonMap, length: number): { start: number; end: number } {
  const from = getKey(slice, "start");
  const to = getKey(slice, "end");
  if ((from !== null && !isNumber(from)) || (to !== null && !isNumber(to))) {
    throw fail("Start and end indices of an array slice must be numbers");
  }
  const start = from === null ? 0 : clamp(Math.floor(fromEnd(Number(from), length)), length);
  const isOpen = to === null || Number.isNaN(Number(to));
  const end = isOpen ? length : clamp(Math.ceil(fromEnd(Number(to), length)), length);
  return { start, end: Math.max(start, end) };
}

function fromEnd(position: number, length: number): number {
  return position < 0 ? position + length : position;
}

function clamp(position: number, length: number): number {
  return Number.isNaN(position) ? 0 : Math.min(Math.max(position, 0), length);
}

/** The value at a path; null when something on the way is null. */
export function getPath(value: Json, path: readonly Json[]): Json {
  let found = value;
  for (const key of path) {
    if (found === null) return null;
    found = fieldOf(found, key);
  }
  return found;
}

/** Lists and objects made while one value is changed, which may be changed in place. */
export type Owned = Set<object>;

/** The value with what stands at a path replaced. */
export function setPath(value: Json, path: readonly Json[], change: (old: Json) => Json, owned?: Owned): Json {
  return setFrom(value, path, 0, { change, owned });
}

interface Change {
  readonly change: (old: Json) => Json;
  readonly owned: Owned | undefined;
}

function setFrom(value: Json, path: readonly Json[], depth: number, how: Change): Json {
  const key = path[depth];
  if (key === undefined) return how.change(value);
  const inner = setFrom(fieldOf(value, key), path, depth + 1, how);
  if (typeof key === "string") return withKey(isMap(value) ? value : {}, key, inner, how.owned);
  if (isNumber(key)) return withItem(isList(value) ? value : [], Number(key), inner, how.owned);
  if (isMap(key)) return withSlice(value, key, inner);
  throw fail(`Cannot update field at array index of ${typeOf(value)}`);
}

function withKey(map: JsonMap, key: string, value: Json, owned: Owned | undefined): Json {
  if (owned?.has(map) === true) {
    setKey(map, key, value);
    return map;
  }
  const copy = copyMap(map);
  setKey(copy, key, value);
  owned?.add(copy);
  return copy;
}

function withItem(list: readonly Json[], at: number, value: Json, owned: Owned | undefined): Json {
  const whole = Math.floor(at);
  const position = whole < 0 ? whole + list.length : whole;
  if (position < 0) throw fail("Out of bounds negative array index");
  if (Number.isNaN(position)) throw fail("Cannot set array element at NaN index");
  if (position > positionMax) throw fail("Array index too large");
  if (owned?.has(list) === true && isDraft(list)) {
    put(list, position, value);
    return list;
  }
  const copy = list.slice();
  put(copy, position, value);
  owned?.add(copy);
  return copy;
}

/** Every list that this file made may be written to; `owned` says which those are. */
function isDraft(list: readonly Json[]): list is Json[] {
  return Array.isArray(list);
}

function put(list: Json[], position: number, value: Json): void {
  while (list.length < position) list.push(null);
  list[position] = value;
}

function withSlice(value: Json, slice: JsonMap, inner: Json): Json {
  if (typeof value === "string") throw fail("Cannot update string slices");
  if (value !== null && !isList(value)) throw fail(`Cannot update field at object index of ${typeOf(value)}`);
  if (!isList(inner)) throw fail("A slice of an array can only be assigned another array");
  const list = value ?? [];
  const { start, end } = boundsOf(slice, list.length);
  return [...list.slice(0, start), ...inner, ...list.slice(end)];
}

/** What is deleted from one list or object: whole items, and the paths that go further, by the item they go through. */
interface Deletion {
  readonly leaves: Json[];
  readonly inner: Map<string | number, (readonly Json[])[]>;
}

/** The value without what stands at the paths. All positions are those before anything is deleted. */
export function deletePaths(value: Json, paths: readonly (readonly Json[])[]): Json {
  if (value === null) return null;
  const { leaves, inner } = sortOut(value, paths);
  if (paths.some((path) => path.length === 0)) return null;
  let rest: Json = value;
  for (const [key, further] of inner) {
    const old = fieldOf(value, key);
    if (old !== null) rest = setPath(rest, [key], () => deletePaths(old, further));
  }
  return leaves.length === 0 ? rest : withoutItems(rest, leaves);
}

function sortOut(value: Json, paths: readonly (readonly Json[])[]): Deletion {
  const leaves: Json[] = [];
  const inner: Deletion["inner"] = new Map();
  for (const [key, ...further] of paths) {
    if (key === undefined) continue;
    if (further.length === 0) {
      leaves.push(key);
    } else if (typeof key === "string" || isNumber(key)) {
      const known = typeof key === "string" || !isList(value) ? key : fromEnd(Math.floor(Number(key)), value.length);
      const name = typeof known === "bigint" ? Number(known) : known;
      const same = inner.get(name);
      if (same === undefined) inner.set(name, [further]);
      else same.push(further);
    } else {
      throw fail(`Cannot delete fields inside a ${typeOf(key)}`);
    }
  }
  return { leaves, inner };
}

function withoutItems(value: Json, keys: readonly Json[]): Json {
  if (isMap(value)) {
    const copy = copyMap(value);
    for (const key of keys) {
      if (typeof key !== "string") throw fail(`Cannot delete field at array index of object`);
      delete copy[key];
    }
    return copy;
  }
  if (!isList(value)) throw fail(`Cannot delete fields of ${describe(value)}`);
  const gone = new Set<number>();
  for (const key of keys) {
    if (isNumber(key)) {
      gone.add(Math.floor(fromEnd(Number(key), value.length)));
      continue;
    }
    if (!isMap(key)) throw fail(`Cannot delete field at object index of array`);
    const { start, end } = boundsOf(key, value.length);
    for (let index = start; index < end; index++) gone.add(index);
  }
  return value.filter((_, index) => !gone.has(index));
}
