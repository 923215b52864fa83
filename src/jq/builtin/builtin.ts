import { collect, type Filter, several, single } from "../filter.ts";
import type { Env, Run } from "../run.ts";
import type { Json } from "../value.ts";

/** Makes a filter from the filters given as arguments. */
export type Builtin = (args: readonly Filter[]) => Filter;

/** Builtins by name and number of arguments: `map/1`. */
export type Builtins = Readonly<Record<string, Builtin>>;

const nothing: Filter = several(() => undefined);

/** The argument at a position; a builtin is only called with as many as its name says. */
export function argument(args: readonly Filter[], index: number): Filter {
  return args[index] ?? nothing;
}

/** A builtin without arguments that computes one value. */
export function plain(apply: (input: Json, run: Run) => Json): Builtin {
  const filter = single((env, input) => apply(input, env.run));
  return () => filter;
}

/** A builtin that computes one value from its input and one argument. */
export function withOne(apply: (input: Json, arg: Json, run: Run) => Json): Builtin {
  return (args) => {
    const arg = argument(args, 0);
    const { one } = arg;
    if (one !== undefined) return single((env, input) => apply(input, one(env, input), env.run));
    return several((env, input, emit) => arg.each(env, input, (value) => emit(apply(input, value, env.run))));
  };
}

/** A builtin that computes one value from two arguments; the outputs of the last change slowest. */
export function withTwo(apply: (input: Json, first: Json, second: Json, run: Run) => Json): Builtin {
  return (args) =>
    several((env, input, emit) =>
      argument(args, 1).each(env, input, (second) =>
        argument(args, 0).each(env, input, (first) => emit(apply(input, first, second, env.run))),
      ),
    );
}

/** A builtin that computes one value from three arguments; the outputs of the last change slowest. */
export function withThree(apply: (input: Json, values: readonly [Json, Json, Json], run: Run) => Json): Builtin {
  return (args) =>
    several((env, input, emit) =>
      argument(args, 2).each(env, input, (third) =>
        argument(args, 1).each(env, input, (second) =>
          argument(args, 0).each(env, input, (first) => emit(apply(input, [first, second, third], env.run))),
        ),
      ),
    );
}

/** Every item of a list beside the outputs of a filter for it, which decide its place or group. */
export interface Keyed {
  readonly item: Json;
  readonly key: readonly Json[];
}

/** The items with their keys. */
export function keyed(list: readonly Json[], filter: Filter, env: Env): Keyed[] {
  const { one } = filter;
  return list.map((item) => {
    env.run.spend();
    return { item, key: one === undefined ? collect(filter, env, item) : [one(env, item)] };
  });
}
