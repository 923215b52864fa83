import { fail } from "./failure.ts";
import type { Place } from "./place.ts";
import type { Env } from "./run.ts";
import { type Json, shown } from "./value.ts";

/** Takes one output. */
export type Emit = (value: Json) => void;

/** Takes one place. */
export type EmitPlace = (place: Place) => void;

/** Computes the only output. */
export type One = (env: Env, input: Json) => Json;

/** Gives the outputs in turn. */
export type Each = (env: Env, input: Json, emit: Emit) => void;

/** Gives the places that the outputs have in the input. */
export type Places = (env: Env, at: Place, emit: EmitPlace) => void;

/** A compiled filter. */
export interface Filter {
  /** Present when the filter always gives exactly one output; then the fastest way to it. */
  readonly one: One | undefined;
  readonly each: Each;
  readonly places: Places;
}

/** A filter with exactly one output. Without `places`, its output stands nowhere in the input. */
export function single(one: One, places?: Places): Filter {
  const each: Each = (env, input, emit) => emit(one(env, input));
  return { one, each, places: places ?? nowhere(each) };
}

/** A filter with any number of outputs. */
export function several(each: Each, places?: Places): Filter {
  return { one: undefined, each, places: places ?? nowhere(each) };
}

/** Places of a filter whose outputs are made, not found: going on from them is an error. */
function nowhere(each: Each): Places {
  return (env, at, emit) =>
    each(env, at.value, (value) => {
      // A literal null or boolean counts as the input when it is the same.
      const isSame = value === at.value && (value === null || typeof value === "boolean");
      emit(isSame ? at : { value, key: null, up: undefined, isFound: false });
    });
}

/** The outputs of a filter as a list. */
export function collect(filter: Filter, env: Env, input: Json): Json[] {
  if (filter.one !== undefined) return [filter.one(env, input)];
  const items: Json[] = [];
  filter.each(env, input, (item) => {
    env.run.spend();
    items.push(item);
  });
  return items;
}

/** The paths of a filter. Fails when an output stands nowhere. */
export function eachPath(filter: Filter, env: Env, input: Json, emit: (place: Place) => void): void {
  filter.places(env, { value: input, key: null, up: undefined, isFound: true }, (place) => {
    env.run.spend();
    if (!place.isFound) throw fail(`Invalid path expression with result ${shown(place.value)}`);
    emit(place);
  });
}
