import { fail } from "./failure.ts";
import { shown, isList, isMap, itemsOf, type Json, sortedKeys, getKey } from "./value.ts";
import { fieldOf, sliceOf } from "./access.ts";

/** Where a value stands: the steps to it, innermost first. `isFound` is false for values that were made. */
export interface Place {
  readonly value: Json;
  readonly key: Json;
  readonly up: Place | undefined;
  readonly isFound: boolean;
}

/** The path of a place as a list. */
export function pathOf(place: Place): Json[] {
  const path: Json[] = [];
  for (let at: Place = place; at.up !== undefined; at = at.up) path.push(at.key);
  return path.reverse();
}

/** The place of a key or position inside another. */
export function placeAt(at: Place, key: Json): Place {
  if (!at.isFound) {
    throw fail(`Invalid path expression near attempt to access element ${shown(key)} of ${shown(at.value)}`);
  }
  return { value: isSlice(key) ? sliceOf(at.value, key) : fieldOf(at.value, key), key, up: at, isFound: true };
}

function isSlice(key: Json): key is { readonly start: Json; readonly end: Json } {
  return isMap(key);
}

/** The places of all values directly inside. */
export function eachPlaceIn(at: Place, emit: (place: Place) => void): void {
  if (!at.isFound) throw fail(`Invalid path expression near attempt to iterate through ${shown(at.value)}`);
  const { value } = at;
  if (isList(value)) {
    for (const [index, item] of value.entries()) emit({ value: item, key: index, up: at, isFound: true });
  } else if (isMap(value)) {
    for (const key of sortedKeys(value)) emit({ value: getKey(value, key), key, up: at, isFound: true });
  } else {
    // Always throws: only lists and objects have items.
    itemsOf(value);
  }
}
