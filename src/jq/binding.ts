import { fieldOf } from "./access.ts";
import { Failure, fail } from "./failure.ts";
import { type Emit, type Filter, several, single } from "./filter.ts";
import type { Place } from "./place.ts";
import type { Env } from "./run.ts";
import type { Compile, Scope } from "./scope.ts";
import type { BindSyntax, ForeachSyntax, Pattern, PatternEntry, ReduceSyntax } from "./syntax.ts";
import { typeOf, isList, isMap, type Json } from "./value.ts";

/** Goes on with the environment that has the pattern's variables; once for every way the value can be taken apart. */
type Take = (env: Env, value: Json, next: (env: Env) => void) => void;

interface Bound {
  readonly take: Take;
  readonly scope: Scope;
}

/** One way of taking a value apart, and the filters compiled in the scope it leads to. */
interface Way<T> {
  readonly take: Take;
  readonly filters: T;
}

/** The alternatives of `?//`. Each knows the variables of all, those of the others being null. */
function compileWays<T>(
  patterns: readonly Pattern[],
  scope: Scope,
  compile: Compile,
  filtersIn: (scope: Scope) => T,
): readonly Way<T>[] {
  const names = patterns.length === 1 ? [] : patterns.flatMap(namesOf);
  const shared = names.reduce((inner, name) => inner.with("variable", name), scope);
  return patterns.map((pattern) => {
    const { take, scope: inner } = compilePattern(pattern, shared, compile);
    const filters = filtersIn(inner);
    if (names.length === 0) return { take, filters };
    const withNames: Take = (env, value, next) =>
      take(
        names.reduce((inner) => inner.bind(null), env),
        value,
        next,
      );
    return { take: withNames, filters };
  });
}

/** Tries the ways in turn: an error in one that is not the last leads to the next. */
function inTurn<T>(ways: readonly Way<T>[], env: Env, value: Json, use: (env: Env, filters: T) => void): void {
  for (const [index, { take, filters }] of ways.entries()) {
    if (index === ways.length - 1) {
      take(env, value, (inner) => use(inner, filters));
      return;
    }
    try {
      take(env, value, (inner) => use(inner, filters));
      return;
    } catch (thrown) {
      if (!(thrown instanceof Failure)) throw thrown;
      env.run.spend();
    }
  }
}

function namesOf(pattern: Pattern): string[] {
  switch (pattern.kind) {
    case "variable":
      return [pattern.name];
    case "list":
      return pattern.items.flatMap(namesOf);
    case "object":
      return pattern.entries.flatMap(({ variable, value }) => [
        ...(variable === undefined ? [] : [variable]),
        ...(value === undefined ? [] : namesOf(value)),
      ]);
  }
}

function compilePattern(pattern: Pattern, scope: Scope, compile: Compile): Bound {
  switch (pattern.kind) {
    case "variable":
      return {
        take: (env, value, next) => next(env.bind(value)),
        scope: scope.with("variable", pattern.name),
      };
    case "list":
      return pattern.items.reduce<Bound>(
        (before, item, index) => chain(before, compilePattern(item, before.scope, compile), () => index),
        start(scope, (value) => value === null || isList(value), "number"),
      );
    case "object":
      return pattern.entries.reduce<Bound>(
        (before, entry) => compileEntry(before, entry, compile),
        start(scope, (value) => value === null || isMap(value), "string"),
      );
  }
}

function start(scope: Scope, isFit: (value: Json) => boolean, key: string): Bound {
  const take: Take = (env, value, next) => {
    if (!isFit(value)) throw fail(`Cannot index ${typeOf(value)} with ${key}`);
    next(env);
  };
  return { take, scope };
}

function chain(before: Bound, inner: Bound, key: () => Json): Bound {
  const take: Take = (env, value, next) =>
    before.take(env, value, (bound) => inner.take(bound, fieldOf(value, key()), next));
  return { take, scope: inner.scope };
}

function compileEntry(before: Bound, { variable, key, value }: PatternEntry, compile: Compile): Bound {
  const read = compile(key, before.scope);
  const named = variable === undefined ? before.scope : before.scope.with("variable", variable);
  const inner = value === undefined ? undefined : compilePattern(value, named, compile);
  const take: Take = (env, whole, next) =>
    before.take(env, whole, (bound) =>
      read.each(bound, whole, (name) => {
        if (typeof name !== "string") throw fail(`Cannot index ${typeOf(whole)} with ${typeOf(name)}`);
        const found = fieldOf(whole, name);
        const with_ = variable === undefined ? bound : bound.bind(found);
        if (inner === undefined) next(with_);
        else inner.take(with_, found, next);
      }),
    );
  return { take, scope: inner?.scope ?? named };
}

/** `source as patterns | body`. */
export function compileBind({ source, patterns, body }: BindSyntax, scope: Scope, compile: Compile): Filter {
  const from = compile(source, scope);
  const ways = compileWays(patterns, scope, compile, (inner) => compile(body, inner));
  const places: Filter["places"] = (env, at, emit) =>
    from.each(env, at.value, (value) => inTurn(ways, env, value, (inner, filter) => filter.places(inner, at, emit)));
  const [only] = ways;
  const [first, second] = [from.one, only?.filters.one];
  if (patterns.length === 1 && patterns[0]?.kind === "variable" && first !== undefined && second !== undefined) {
    return single((env, input) => second(env.bind(first(env, input)), input), places);
  }
  return several(
    (env, input, emit) =>
      from.each(env, input, (value) => inTurn(ways, env, value, (inner, filter) => filter.each(inner, input, emit))),
    places,
  );
}

/** The last output of a filter; null when there is none. */
function lastOf(filter: Filter, env: Env, input: Json): Json {
  if (filter.one !== undefined) return filter.one(env, input);
  let last: Json = null;
  filter.each(env, input, (value) => {
    last = value;
  });
  return last;
}

/** `reduce source as patterns (init; update)`. An update without an output leaves null. */
export function compileReduce(
  { source, patterns, init, update }: ReduceSyntax,
  scope: Scope,
  compile: Compile,
): Filter {
  const from = compile(source, scope);
  const begin = compile(init, scope);
  const ways = compileWays(patterns, scope, compile, (inner) => compile(update, inner));
  const fold = (env: Env, input: Json, initial: Json): Json => {
    let state = initial;
    from.each(env, input, (value) => {
      env.run.spend();
      inTurn(ways, env, value, (inner, filter) => {
        state = lastOf(filter, inner, state);
      });
    });
    return state;
  };
  const places: Filter["places"] = (env, at, emit) =>
    begin.places(env, at, (initial) => {
      let state: Place = initial;
      from.each(env, at.value, (value) => {
        env.run.spend();
        inTurn(ways, env, value, (inner, filter) => {
          let last: Place = { value: null, key: null, up: undefined, isFound: false };
          filter.places(inner, state, (place) => {
            last = place;
          });
          state = last;
        });
      });
      emit(state);
    });
  const { one } = begin;
  if (one !== undefined) return single((env, input) => fold(env, input, one(env, input)), places);
  return several((env, input, emit) => begin.each(env, input, (initial) => emit(fold(env, input, initial))), places);
}

/** `foreach source as patterns (init; update; extract)`. */
export function compileForeach(
  { source, patterns, init, update, extract }: ForeachSyntax,
  scope: Scope,
  compile: Compile,
): Filter {
  const from = compile(source, scope);
  const begin = compile(init, scope);
  const ways = compileWays(patterns, scope, compile, (inner) => ({
    update: compile(update, inner),
    extract: extract === undefined ? undefined : compile(extract, inner),
  }));
  const each = (env: Env, input: Json, emit: Emit): void =>
    begin.each(env, input, (initial) => {
      let state = initial;
      from.each(env, input, (value) => {
        env.run.spend();
        inTurn(ways, env, value, (inner, filters) =>
          filters.update.each(inner, state, (next) => {
            state = next;
            if (filters.extract === undefined) emit(next);
            else filters.extract.each(inner, next, emit);
          }),
        );
      });
    });
  const places: Filter["places"] = (env, at, emit) =>
    begin.places(env, at, (initial) => {
      let state = initial;
      from.each(env, at.value, (value) => {
        env.run.spend();
        inTurn(ways, env, value, (inner, filters) =>
          filters.update.places(inner, state, (next) => {
            state = next;
            if (filters.extract === undefined) emit(next);
            else filters.extract.places(inner, next, emit);
          }),
        );
      });
    });
  return several(each, places);
}
