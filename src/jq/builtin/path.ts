import { deletePaths, getPath, setPath } from "../access.ts";
import { update } from "../assign.ts";
import { eachPath, type Filter, several, single } from "../filter.ts";
import { eachPlaceIn, pathOf, placeAt } from "../place.ts";
import { asList, compare, itemsOf, type Json } from "../value.ts";
import { argument, type Builtin, type Builtins, withOne, withTwo } from "./builtin.ts";

const what = "is not a path: paths are arrays";

const getpath: Builtin = (args) => {
  const path = argument(args, 0);
  const values = withOne((input, keys) => getPath(input, asList(keys, what)))(args);
  return {
    ...values,
    places: (env, at, emit) =>
      path.each(env, at.value, (keys) =>
        emit(asList(keys, what).reduce((place, key) => placeAt(place, key), at)),
      ),
  };
};

const del: Builtin = (args) => {
  const target = argument(args, 0);
  return single((env, input) => {
    const paths: Json[][] = [];
    eachPath(target, env, input, (place) => paths.push(pathOf(place)));
    return deletePaths(input, distinct(paths));
  });
};

/** In order and without repetitions, so that nothing is deleted twice. */
function distinct(paths: readonly (readonly Json[])[]): (readonly Json[])[] {
  const sorted = paths.toSorted(compare);
  return sorted.filter((path, index) => index === 0 || compare(path, sorted[index - 1] ?? null) !== 0);
}

function deleteAll(input: Json, paths: Json): Json {
  return deletePaths(input, distinct(asList(paths, what).map((path) => asList(path, what))));
}

const pick: Builtin = (args) =>
  single((env, input) => {
    let picked: Json = null;
    eachPath(argument(args, 0), env, input, (place) => {
      picked = setPath(picked, pathOf(place), () => place.value);
    });
    return picked;
  });

/** The items of the input. */
export const items: Filter = several(
  (env, input, emit) => {
    for (const item of itemsOf(input)) {
      env.run.spend();
      emit(item);
    }
  },
  (env, at, emit) =>
    eachPlaceIn(at, (place) => {
      env.run.spend();
      emit(place);
    }),
);

/** Filters on paths. */
export const pathBuiltins: Builtins = {
  "getpath/1": getpath,
  "setpath/2": withTwo((input, path, value) => setPath(input, asList(path, what), () => value)),
  "delpaths/1": withOne(deleteAll),
  "del/1": del,
  "pick/1": pick,
  "map_values/1": (args) => single(update(items, argument(args, 0))),
};
