import { positionsOf } from "../access.ts";
import { add } from "../arithmetic.ts";
import { fail } from "../failure.ts";
import { single } from "../filter.ts";
import type { Run } from "../run.ts";
import {
  asList,
  asNumber,
  compare,
  describe,
  getKey,
  isEqual,
  isList,
  isMap,
  isNumber,
  itemsOf,
  type Json,
  type JsonDraft,
  type JsonMap,
  setKey,
  sortedKeys,
  typeOf,
} from "../value.ts";
import { argument, type Builtin, type Builtins, type Keyed, keyed, plain, withOne } from "./builtin.ts";

function length(input: Json): Json {
  if (input === null) return 0;
  if (typeof input === "string") return codePoints(input);
  if (typeof input === "number") return Math.abs(input);
  if (typeof input === "bigint") return input < 0n ? -input : input;
  if (isList(input)) return input.length;
  if (isMap(input)) return Object.keys(input).length;
  throw fail(`${describe(input)} has no length`);
}

function codePoints(text: string): number {
  let count = text.length;
  for (let index = 0; index < text.length - 1; index++) {
    const unit = text.charCodeAt(index);
    const next = text.charCodeAt(index + 1);
    if (unit >= 0xd800 && unit <= 0xdbff && next >= 0xdc00 && next <= 0xdfff) count--;
  }
  return count;
}

function keys(input: Json): Json {
  if (isMap(input)) return sortedKeys(input);
  if (isList(input)) return Array.from(input.keys());
  throw fail(`${describe(input)} has no keys`);
}

function has(input: Json, key: Json): Json {
  if (isMap(input) && typeof key === "string") return Object.hasOwn(input, key);
  if (isList(input) && isNumber(key)) return Number(key) >= 0 && Number(key) < input.length;
  if (input === null && (typeof key === "string" || isNumber(key))) return false;
  throw fail(`Cannot check whether ${typeOf(input)} has a ${typeOf(key)} key`);
}

function contains(left: Json, right: Json, run: Run): boolean {
  run.spend();
  if (isMap(left) && isMap(right)) {
    return Object.keys(right).every(
      (key) => Object.hasOwn(left, key) && contains(getKey(left, key), getKey(right, key), run),
    );
  }
  if (isList(left) && isList(right)) return right.every((item) => left.some((other) => holds(other, item, run)));
  if (typeof left === "string" && typeof right === "string") return left.includes(right);
  if (typeOf(left) === typeOf(right)) return isEqual(left, right);
  throw fail(`${describe(left)} and ${describe(right)} cannot have their containment checked`);
}

/** Inside lists, values of different types simply do not contain each other. */
function holds(left: Json, right: Json, run: Run): boolean {
  return typeOf(left) === typeOf(right) && contains(left, right, run);
}

function sum(items: readonly Json[], run: Run): Json {
  run.spend(items.length);
  if (items.length > 1 && items.every((item) => typeof item === "string")) {
    const text = items.join("");
    run.spendLength(text.length);
    return text;
  }
  if (items.length > 1 && items.every(isList)) {
    const joined = items.flat();
    run.spendLength(joined.length);
    return joined;
  }
  if (items.length > 1 && items.every(isMap)) return joinMaps(items, run);
  return items.reduce((total, item) => add(total, item, run), null);
}

function joinMaps(maps: readonly JsonMap[], run: Run): JsonMap {
  const joined: JsonDraft = {};
  for (const map of maps) {
    for (const key of Object.keys(map)) {
      run.spend();
      setKey(joined, key, getKey(map, key));
    }
  }
  return joined;
}

const addOf: Builtin = (args) =>
  single((env, input) => {
    const items: Json[] = [];
    argument(args, 0).each(env, input, (item) => {
      env.run.spend();
      items.push(item);
    });
    return sum(items, env.run);
  });

function flatten(input: Json, depth: number, run: Run): Json[] {
  if (depth < 0) throw fail("flatten depth must not be negative");
  const flat: Json[] = [];
  const visit = (list: readonly Json[], left: number): void => {
    for (const item of list) {
      run.spend();
      if (isList(item) && left > 0) visit(item, left - 1);
      else flat.push(item);
    }
  };
  visit(itemsOf(input), depth);
  return flat;
}

const compareKeys = (a: Keyed, b: Keyed): number => compare(a.key, b.key);

/** A builtin that sorts the items by a filter and then makes something of them. */
function sorted(finish: (items: readonly Keyed[]) => Json, verb = "sorted"): Builtin {
  return (args) => {
    const [filter] = args;
    return single((env, input) => {
      const list = asList(input, `cannot be ${verb}, as it is not an array`);
      env.run.spend(list.length * Math.ceil(Math.log2(list.length + 2)));
      if (filter === undefined) return finish(list.map((item) => ({ item, key: [item] })).sort(compareKeys));
      return finish(keyed(list, filter, env).sort(compareKeys));
    });
  };
}

function groups(items: readonly Keyed[]): Keyed[][] {
  const found: Keyed[][] = [];
  let current: Keyed[] = [];
  for (const entry of items) {
    const [first] = current;
    if (first !== undefined && compareKeys(first, entry) === 0) current.push(entry);
    else found.push((current = [entry]));
  }
  return found;
}

const itemOf = ({ item }: Keyed): Json => item;
const uniqueOf = (items: readonly Keyed[]): Json => groups(items).map(([first]) => first?.item ?? null);
const lowest = (items: readonly Keyed[]): Json => items[0]?.item ?? null;
/** The last of the greatest ones. */
const highest = (items: readonly Keyed[]): Json => items.at(-1)?.item ?? null;

function reverse(input: Json): Json {
  if (typeof input === "string") return Array.from(input).reverse().join("");
  if (input === null) return [];
  return asList(input, "cannot be reversed, as it is not an array").toReversed();
}

function transpose(input: Json, run: Run): Json {
  const rows = asList(input, "cannot be transposed").map((row) => asList(row, "cannot be transposed"));
  const width = rows.reduce((most, row) => Math.max(most, row.length), 0);
  run.spendLength(width * rows.length);
  return Array.from({ length: width }, (_, column) => rows.map((row) => row[column] ?? null));
}

function binarySearch(input: Json, target: Json): Json {
  if (input === null) return -1;
  const list = asList(input, "cannot be searched from");
  let [low, high] = [0, list.length - 1];
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const order = compare(list[middle] ?? null, target);
    if (order === 0) return middle;
    if (order < 0) low = middle + 1;
    else high = middle - 1;
  }
  return -1 - low;
}

/** Where one value occurs in another: texts in a text, by characters; lists in a list; or an item in a list. */
export function indices(input: Json, wanted: Json, run: Run): readonly Json[] | null {
  if (input === null) return null;
  if (typeof input === "string" && typeof wanted === "string") return textPositions(input, wanted, run);
  const list = asList(input, `cannot be searched for ${describe(wanted)}`);
  run.spend(list.length);
  const found = positionsOf(list, isList(wanted) ? wanted : [wanted]);
  return isList(found) ? found : null;
}

function textPositions(text: string, wanted: string, run: Run): number[] | null {
  if (wanted === "") return null;
  run.spendLength(text.length);
  const found: number[] = [];
  let [counted, characters] = [0, 0];
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1)) {
    run.spend();
    characters += codePoints(text.slice(counted, at));
    counted = at;
    found.push(characters);
  }
  return found;
}

function toEntries(input: Json, run: Run): Json {
  if (isMap(input)) {
    const names = sortedKeys(input);
    run.spend(names.length);
    return names.map((key) => ({ key, value: getKey(input, key) }));
  }
  if (isList(input)) return input.map((value, key) => ({ key, value }));
  throw fail(`${describe(input)} has no keys`);
}

const keyNames = ["key", "k", "name", "Name", "Key", "K"];
const valueNames = ["value", "v", "Value", "V"];

function fromEntries(input: Json, run: Run): Json {
  const made: JsonDraft = {};
  for (const entry of itemsOf(input)) {
    run.spend();
    if (!isMap(entry)) throw fail(`Cannot index ${typeOf(entry)} with string "key"`);
    const name = keyNames.find((name) => getKey(entry, name) !== null && getKey(entry, name) !== false);
    const other = keyNames.find((name) => Object.hasOwn(entry, name) && getKey(entry, name) !== null);
    const key = getKey(entry, name ?? other ?? "key");
    const value = valueNames.find((name) => Object.hasOwn(entry, name));
    setKey(made, entryKey(key), value === undefined ? null : getKey(entry, value));
  }
  return made;
}

function entryKey(key: Json): string {
  if (typeof key === "string") return key;
  if (key === null) return "null";
  if (isNumber(key) || typeof key === "boolean") return String(key);
  throw fail(`Cannot use ${describe(key)} as object key`);
}

/** Filters on lists and objects. */
export const listBuiltins: Builtins = {
  "length/0": plain(length),
  "keys/0": plain(keys),
  "keys_unsorted/0": plain(keys),
  "has/1": withOne(has),
  "contains/1": withOne(contains),
  "add/0": plain((input, run) => sum(itemsOf(input), run)),
  "add/1": addOf,
  "flatten/0": plain((input, run) => flatten(input, Number.POSITIVE_INFINITY, run)),
  "flatten/1": withOne((input, depth, run) => flatten(input, asNumber(depth, "cannot be a depth"), run)),
  "sort/0": sorted((items) => items.map(itemOf)),
  "sort_by/1": sorted((items) => items.map(itemOf)),
  "group_by/1": sorted((items) => groups(items).map((group) => group.map(itemOf)), "grouped"),
  "unique/0": sorted(uniqueOf),
  "unique_by/1": sorted(uniqueOf, "grouped"),
  "min/0": sorted(lowest, "searched for its least item"),
  "min_by/1": sorted(lowest, "searched for its least item"),
  "max/0": sorted(highest, "searched for its greatest item"),
  "max_by/1": sorted(highest, "searched for its greatest item"),
  "reverse/0": plain(reverse),
  "transpose/0": plain(transpose),
  "bsearch/1": withOne(binarySearch),
  "indices/1": withOne(indices),
  "index/1": withOne((input, wanted, run) => indices(input, wanted, run)?.[0] ?? null),
  "rindex/1": withOne((input, wanted, run) => indices(input, wanted, run)?.at(-1) ?? null),
  "to_entries/0": plain(toEntries),
  "from_entries/0": plain(fromEntries),
  "toarray/0": plain((input) => (isList(input) ? input : [input])),
};
