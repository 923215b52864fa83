import { Failure } from "../failure.ts";
import { type Emit, type EmitPlace, type Filter, several, single } from "../filter.ts";
import { eachPlaceIn, type Place } from "../place.ts";
import type { Env } from "../run.ts";
import { asNumber, getKey, isList, isMap, isTrue, type Json, sortedKeys } from "../value.ts";
import { argument, type Builtin, type Builtins } from "./builtin.ts";

/**
 * Goes from a value to the outputs of `step`, depth first. The last output of each level is gone on from in a loop, not
 * by a call, so that a long chain needs no stack: `last(recurse(if . < 1000000 then . + 1 else empty end))`.
 */
function chain<T>(start: T, visit: (value: T) => boolean, step: (value: T, emit: (next: T) => void) => void): void {
  let current: { readonly value: T } | undefined = { value: start };
  while (current !== undefined) {
    if (!visit(current.value)) return;
    let waiting: { readonly value: T } | undefined;
    try {
      step(current.value, (next) => {
        if (waiting !== undefined) chain(waiting.value, visit, step);
        waiting = { value: next };
      });
    } catch (thrown) {
      // What was given before the error comes before it.
      if (thrown instanceof Failure && waiting !== undefined) chain(lastOf(waiting), visit, step);
      throw thrown;
    }
    current = waiting;
  }
}

function lastOf<T>(waiting: { readonly value: T }): T {
  return waiting.value;
}

const recurse: Builtin = (args) => {
  const step = argument(args, 0);
  return several(
    (env, input, emit) =>
      chain<Json>(
        input,
        (value) => {
          env.run.spend();
          emit(value);
          return true;
        },
        (value, next) => step.each(env, value, next),
      ),
    (env, at, emit) =>
      chain<Place>(
        at,
        (place) => {
          env.run.spend();
          emit(place);
          return true;
        },
        (place, next) => step.places(env, place, next),
      ),
  );
};

/** `..`: the input and everything inside it. */
export const descend: Filter = several(
  (env, input, emit) => {
    const visit: Emit = (value) => {
      env.run.spend();
      emit(value);
      if (isList(value)) for (const item of value) visit(item);
      else if (isMap(value)) for (const key of sortedKeys(value)) visit(getKey(value, key));
    };
    visit(input);
  },
  (env, at, emit) => {
    const visit: EmitPlace = (place) => {
      env.run.spend();
      emit(place);
      if (isList(place.value) || isMap(place.value)) eachPlaceIn(place, visit);
    };
    visit(at);
  },
);

function holds(condition: Filter, env: Env, value: Json): boolean {
  if (condition.one !== undefined) return isTrue(condition.one(env, value));
  let result = false;
  condition.each(env, value, (found) => {
    result = isTrue(found);
  });
  return result;
}

const whileLoop: Builtin = (args) => {
  const [condition, step] = [argument(args, 0), argument(args, 1)];
  return several((env, input, emit) =>
    chain<Json>(
      input,
      (value) => {
        env.run.spend();
        if (!holds(condition, env, value)) return false;
        emit(value);
        return true;
      },
      (value, next) => step.each(env, value, next),
    ),
  );
};

const untilLoop: Builtin = (args) => {
  const [condition, step] = [argument(args, 0), argument(args, 1)];
  const { one } = step;
  if (one !== undefined) {
    return single((env, input) => {
      let value = input;
      for (env.run.spend(); !holds(condition, env, value); env.run.spend()) value = one(env, value);
      return value;
    });
  }
  return several((env, input, emit) =>
    chain<Json>(
      input,
      (value) => {
        env.run.spend();
        if (!holds(condition, env, value)) return true;
        emit(value);
        return false;
      },
      (value, next) => step.each(env, value, next),
    ),
  );
};

const repeat: Builtin = (args) => {
  const body = argument(args, 0);
  return several((env, input, emit) => {
    for (;;) {
      env.run.spend();
      body.each(env, input, emit);
    }
  });
};

const cannot = "Range bounds must be numeric";

function count(env: Env, from: Json, to: Json, emit: Emit, by: Json = 1): void {
  const [start, end, step] = [asNumber(from, cannot), asNumber(to, cannot), asNumber(by, cannot)];
  // With no step the numbers never end; they do when there is nothing between the bounds.
  for (let at = start; step >= 0 ? at < end : at > end; at += step) {
    env.run.spend();
    emit(at);
  }
}

/** Filters that go on from their own outputs, and numbers in a row. */
export const loopBuiltins: Builtins = {
  "recurse/0": () => descend,
  "recurse/1": recurse,
  "while/2": whileLoop,
  "until/2": untilLoop,
  "repeat/1": repeat,
  "range/1": ([to]) => several((env, input, emit) => to?.each(env, input, (end) => count(env, 0, end, emit))),
  "range/2": ([from, to]) =>
    several((env, input, emit) =>
      from?.each(env, input, (start) => to?.each(env, input, (end) => count(env, start, end, emit))),
    ),
  "range/3": ([from, to, by]) =>
    several((env, input, emit) =>
      from?.each(env, input, (start) =>
        to?.each(env, input, (end) => by?.each(env, input, (step) => count(env, start, end, emit, step))),
      ),
    ),
};
