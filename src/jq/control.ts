import { Failure, Passing } from "./failure.ts";
import { type Emit, type EmitPlace, type Filter, several, single } from "./filter.ts";
import { isTrue, type Json } from "./value.ts";

/** Gives the outputs of one filter to another. */
export function pipe(left: Filter, right: Filter): Filter {
  const places: Filter["places"] = (env, at, emit) => left.places(env, at, (place) => right.places(env, place, emit));
  const [first, second] = [left.one, right.one];
  if (first !== undefined && second !== undefined) {
    return single((env, input) => second(env, first(env, input)), places);
  }
  if (first !== undefined) return several((env, input, emit) => right.each(env, first(env, input), emit), places);
  if (second !== undefined) {
    return several((env, input, emit) => left.each(env, input, (value) => emit(second(env, value))), places);
  }
  return several((env, input, emit) => left.each(env, input, (value) => right.each(env, value, emit)), places);
}

/** The outputs of one filter and then those of another. */
export function comma(left: Filter, right: Filter): Filter {
  return several(
    (env, input, emit) => {
      left.each(env, input, emit);
      right.each(env, input, emit);
    },
    (env, at, emit) => {
      left.places(env, at, emit);
      right.places(env, at, emit);
    },
  );
}

/** `and` and `or`, which do not look at the right side when the left one decides. */
export function logic(kind: "and" | "or", left: Filter, right: Filter): Filter {
  const decisive = kind === "or";
  const [first, second] = [left.one, right.one];
  if (first !== undefined && second !== undefined) {
    return single((env, input) => (isTrue(first(env, input)) === decisive ? decisive : isTrue(second(env, input))));
  }
  return several((env, input, emit) =>
    left.each(env, input, (value) => {
      if (isTrue(value) === decisive) emit(decisive);
      else right.each(env, input, (other) => emit(isTrue(other)));
    }),
  );
}

/** `if`: chooses for each output of the condition. */
export function whether(condition: Filter, then: Filter, otherwise: Filter): Filter {
  const places: Filter["places"] = (env, at, emit) =>
    condition.each(env, at.value, (value) => (isTrue(value) ? then : otherwise).places(env, at, emit));
  const [test, first, second] = [condition.one, then.one, otherwise.one];
  if (test !== undefined && first !== undefined && second !== undefined) {
    return single((env, input) => (isTrue(test(env, input)) ? first(env, input) : second(env, input)), places);
  }
  if (test !== undefined) {
    return several((env, input, emit) => (isTrue(test(env, input)) ? then : otherwise).each(env, input, emit), places);
  }
  return several(
    (env, input, emit) =>
      condition.each(env, input, (value) => (isTrue(value) ? then : otherwise).each(env, input, emit)),
    places,
  );
}

/** Runs `body`; an error in it, but not in what takes its outputs, is given to `handle`. */
export function guarded<T>(
  body: (emit: (value: T) => void) => void,
  emit: (value: T) => void,
  handle: (failure: Failure) => void,
): void {
  const guard = {};
  try {
    body((value) => {
      try {
        emit(value);
      } catch (thrown) {
        throw thrown instanceof Failure ? new Passing(guard, thrown) : thrown;
      }
    });
  } catch (thrown) {
    if (thrown instanceof Passing && thrown.guard === guard) throw thrown.thrown;
    if (!(thrown instanceof Failure)) throw thrown;
    handle(thrown);
  }
}

const ignore = (): void => undefined;

/** `try`: the handler gets the value of the error; without one, the outputs end there. */
export function optional(body: Filter, handler: Filter | undefined): Filter {
  const handle = (env: Parameters<Filter["each"]>[0], emit: Emit): ((failure: Failure) => void) =>
    handler === undefined ? ignore : ({ value }) => handler.each(env, value, emit);
  const places: Filter["places"] = (env, at, emit) =>
    guarded(
      (give: EmitPlace) => body.places(env, at, give),
      emit,
      ({ value }) => handler?.places(env, { value, key: null, up: undefined, isFound: false }, emit),
    );
  const [first, second] = [body.one, handler?.one];
  if (first !== undefined && second !== undefined) {
    return single((env, input) => {
      const result = attempt(() => first(env, input));
      return result instanceof Failure ? second(env, result.value) : result;
    }, places);
  }
  return several((env, input, emit) => {
    if (first === undefined) {
      guarded((give: Emit) => body.each(env, input, give), emit, handle(env, emit));
      return;
    }
    const result = attempt(() => first(env, input));
    if (result instanceof Failure) handle(env, emit)(result);
    else emit(result);
  }, places);
}

function attempt(compute: () => Json): Json | Failure {
  try {
    return compute();
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown;
    throw thrown;
  }
}

/** `left // right`: the true outputs of the left filter, or else those of the right one. Errors are not hidden. */
export function alternative(left: Filter, right: Filter): Filter {
  const places: Filter["places"] = (env, at, emit) => {
    let isEmpty = true;
    left.places(env, at, (place) => {
      if (!isTrue(place.value)) return;
      isEmpty = false;
      emit(place);
    });
    if (isEmpty) right.places(env, at, emit);
  };
  const [first, second] = [left.one, right.one];
  if (first !== undefined && second !== undefined) {
    return single((env, input) => {
      const result = first(env, input);
      return isTrue(result) ? result : second(env, input);
    }, places);
  }
  return several((env, input, emit) => {
    let isEmpty = true;
    left.each(env, input, (value) => {
      if (!isTrue(value)) return;
      isEmpty = false;
      emit(value);
    });
    if (isEmpty) right.each(env, input, emit);
  }, places);
}
