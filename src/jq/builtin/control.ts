import { firstOf } from "../assign.ts";
import { pipe } from "../control.ts";
import { Break, Failure, fail } from "../failure.ts";
import { eachPath, type Emit, type Filter, type Places, several, single } from "../filter.ts";
import { pathOf, type Place } from "../place.ts";
import type { Env, Run } from "../run.ts";
import { asNumber, isTrue, itemsOf, type Json, jsonText } from "../value.ts";
import { argument, type Builtin, type Builtins } from "./builtin.ts";

/** Ends the outputs of `body` when it calls what it is given. */
function stoppable(body: (stop: () => never) => void): void {
  const label = {};
  try {
    body(() => {
      throw new Break(label);
    });
  } catch (thrown) {
    if (!(thrown instanceof Break && thrown.label === label)) throw thrown;
  }
}

const map: Builtin = (args) => {
  const filter = argument(args, 0);
  const { one } = filter;
  if (one !== undefined) {
    return single((env, input) => {
      const list = itemsOf(input);
      env.run.spend(list.length);
      return list.map((item) => one(env, item));
    });
  }
  return single((env, input) => {
    const made: Json[] = [];
    const push: Emit = (value) => {
      env.run.spend();
      made.push(value);
    };
    for (const item of itemsOf(input)) {
      env.run.spend();
      filter.each(env, item, push);
    }
    return made;
  });
};

const select: Builtin = (args) => {
  const test = argument(args, 0);
  const { one } = test;
  const places: Places = (env, at, emit) =>
    test.each(env, at.value, (value) => {
      if (isTrue(value)) emit(at);
    });
  if (one !== undefined) {
    return several((env, input, emit) => {
      if (isTrue(one(env, input))) emit(input);
    }, places);
  }
  return several(
    (env, input, emit) =>
      test.each(env, input, (value) => {
        if (isTrue(value)) emit(input);
      }),
    places,
  );
};

/** Counts outputs: passes on those inside the window, and stops behind it. */
function between<T>(
  [from, to]: Window,
  run: Run,
  body: (emit: (value: T) => void) => void,
  emit: (value: T) => void,
): void {
  if (to <= from) return;
  let count = 0;
  stoppable((stop) =>
    body((value) => {
      run.spend();
      count++;
      if (count > from) emit(value);
      if (count >= to) stop();
    }),
  );
}

/** The first output that counts, from 0, and the one behind the last. */
type Window = readonly [number, number];

/** A builtin that passes on a part of the outputs of its second argument. */
function windowed(window: (value: Json) => Window): Builtin {
  return (args) => {
    const [bound, filter] = [argument(args, 0), argument(args, 1)];
    return several(
      (env, input, emit) =>
        bound.each(env, input, (value) =>
          between<Json>(window(value), env.run, (give) => filter.each(env, input, give), emit),
        ),
      (env, at, emit) =>
        bound.each(env, at.value, (value) =>
          between<Place>(window(value), env.run, (give) => filter.places(env, at, give), emit),
        ),
    );
  };
}

function countOf(value: Json, name: string): number {
  return asNumber(value, `cannot be the count of ${name}`);
}

function nthWindow(value: Json): Window {
  const position = countOf(value, "nth");
  if (position < 0) throw fail("nth doesn't support negative indices");
  return [position, position + 1];
}

/** A negative limit is none. */
function limitWindow(value: Json): Window {
  const count = countOf(value, "limit");
  return [0, count < 0 ? Number.POSITIVE_INFINITY : count];
}

const first: Builtin = (args) => {
  const filter = argument(args, 0);
  return several(
    (env, input, emit) => {
      const found = firstOf(filter, env, input);
      if (found !== undefined) emit(found);
    },
    (env, at, emit) => between<Place>([0, 1], env.run, (give) => filter.places(env, at, give), emit),
  );
};

const last: Builtin = (args) => {
  const filter = argument(args, 0);
  return several(
    (env, input, emit) => {
      let found: Json | undefined;
      filter.each(env, input, (value) => {
        env.run.spend();
        found = value;
      });
      if (found !== undefined) emit(found);
    },
    (env, at, emit) => {
      let found: Place | undefined;
      filter.places(env, at, (place) => {
        env.run.spend();
        found = place;
      });
      if (found !== undefined) emit(found);
    },
  );
};

/** `any` and `all`: stops at the first output that decides. */
function quantifier(decisive: boolean, generator: Filter | undefined, condition: Filter | undefined): Filter {
  return single((env, input) => {
    let result = !decisive;
    stoppable((stop) => {
      const judge: Emit = (value) => {
        env.run.spend();
        if (isTrue(value) !== decisive) return;
        result = decisive;
        stop();
      };
      const test: Emit = condition === undefined ? judge : (value) => condition.each(env, value, judge);
      if (generator === undefined) for (const item of itemsOf(input)) test(item);
      else generator.each(env, input, test);
    });
    return result;
  });
}

const raise = single((_env, input) => {
  throw new Failure(input);
});

const raiseMessage: Builtin = (args) => pipe(argument(args, 0), raise);

const debug = single(
  (env, input) => {
    env.run.debug(jsonText(input));
    return input;
  },
  (env, at, emit) => {
    env.run.debug(jsonText(at.value));
    emit(at);
  },
);

const debugMessage: Builtin = (args) => {
  const message = argument(args, 0);
  const show = (env: Env, input: Json): void => message.each(env, input, (value) => env.run.debug(jsonText(value)));
  return single(
    (env, input) => {
      show(env, input);
      return input;
    },
    (env, at, emit) => {
      show(env, at.value);
      emit(at);
    },
  );
};

const paths: Builtin = (args) => {
  const filter = argument(args, 0);
  return several((env, input, emit) => eachPath(filter, env, input, (place) => emit(pathOf(place))));
};

/** Filters that choose, count and raise. */
export const controlBuiltins: Builtins = {
  "empty/0": () =>
    several(
      () => undefined,
      () => undefined,
    ),
  "not/0": () => single((_env, input) => !isTrue(input)),
  "map/1": map,
  "select/1": select,
  "limit/2": windowed(limitWindow),
  "skip/2": windowed((value) => [countOf(value, "skip"), Number.POSITIVE_INFINITY]),
  "nth/2": windowed(nthWindow),
  "first/1": first,
  "last/1": last,
  "isempty/1": (args) => single((env, input) => firstOf(argument(args, 0), env, input) === undefined),
  "any/0": () => quantifier(true, undefined, undefined),
  "any/1": (args) => quantifier(true, undefined, argument(args, 0)),
  "any/2": (args) => quantifier(true, argument(args, 0), argument(args, 1)),
  "all/0": () => quantifier(false, undefined, undefined),
  "all/1": (args) => quantifier(false, undefined, argument(args, 0)),
  "all/2": (args) => quantifier(false, argument(args, 0), argument(args, 1)),
  "error/0": () => raise,
  "error/1": raiseMessage,
  "debug/0": () => debug,
  "debug/1": debugMessage,
  "stderr/0": () => debug,
  "path/1": paths,
};
