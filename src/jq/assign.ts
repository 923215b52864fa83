import { deletePaths, getPath, type Owned, setPath } from "./access.ts";
import { Break } from "./failure.ts";
import { eachPath, type Filter, type One, several, single } from "./filter.ts";
import { operation } from "./operator.ts";
import { pathOf } from "./place.ts";
import type { Env } from "./run.ts";
import type { AssignOperator } from "./syntax.ts";
import { isTrue, type Json } from "./value.ts";

type Combine = (old: Json, value: Json, env: Env) => Json;

/** What an assignment puts in the place of the old value; undefined for `|=`, which runs a filter. */
function combination(operator: AssignOperator): Combine | undefined {
  switch (operator) {
    case "=":
      return (_old, value) => value;
    case "|=":
      return undefined;
    case "//=":
      return (old, value) => (isTrue(old) ? old : value);
    case "+=":
      return arithmetic("+");
    case "-=":
      return arithmetic("-");
    case "*=":
      return arithmetic("*");
    case "/=":
      return arithmetic("/");
    case "%=":
      return arithmetic("%");
  }
}

function arithmetic(operator: "+" | "-" | "*" | "/" | "%"): Combine {
  const apply = operation(operator);
  return (old, value, env) => apply(old, value, env.run);
}

/** An assignment: a copy of the input with what stands at the paths of the left side replaced. */
export function assign(operator: AssignOperator, left: Filter, right: Filter): Filter {
  const combine = combination(operator);
  if (combine === undefined) return single(update(left, right));
  const put = (env: Env, input: Json, value: Json): Json =>
    changeAll(left, env, input, (old) => combine(old, value, env));
  const { one } = right;
  if (one !== undefined) return single((env, input) => put(env, input, one(env, input)));
  return several((env, input, emit) => right.each(env, input, (value) => emit(put(env, input, value))));
}

function changeAll(left: Filter, env: Env, input: Json, change: (old: Json) => Json): Json {
  const owned: Owned = new Set();
  let result = input;
  eachPath(left, env, input, (place) => {
    result = setPath(result, pathOf(place), (old) => released(change(old), owned, old), owned);
  });
  return result;
}

/** A value that a filter has seen may stand in several places from then on, so nothing may be changed in it again. */
function released(value: Json, owned: Owned, old: Json): Json {
  if (typeof old === "object" && old !== null && owned.has(old)) owned.clear();
  return value;
}

/** `left |= filter`: the first output replaces the old value; without one, it is deleted. */
export function update(left: Filter, filter: Filter): One {
  return (env, input) => {
    const owned: Owned = new Set();
    const gone: Json[][] = [];
    let result = input;
    eachPath(left, env, input, (place) => {
      const path = pathOf(place);
      const old = getPath(result, path);
      const value = firstOf(filter, env, old);
      if (value === undefined) gone.push(path);
      else result = setPath(result, path, () => released(value, owned, old), owned);
    });
    return gone.length === 0 ? result : deletePaths(result, gone);
  };
}

/** The first output of a filter; undefined when there is none. */
export function firstOf(filter: Filter, env: Env, input: Json): Json | undefined {
  if (filter.one !== undefined) return filter.one(env, input);
  const label = {};
  let first: Json | undefined;
  try {
    filter.each(env, input, (value) => {
      first = value;
      throw new Break(label);
    });
  } catch (thrown) {
    if (!(thrown instanceof Break && thrown.label === label)) throw thrown;
  }
  return first;
}
