import { deletePaths, getPath, setPath } from "../access.ts";
import { update } from "../assign.ts";
import { fail } from "../failure.ts";
import { eachPath, type Filter, several, single } from "../filter.ts";
import { eachPlaceIn, pathOf, placeAt } from "../place.ts";
import { isList, itemsOf, type Json } from "../value.ts";
import { argument, type Builtin, type Builtins, withOne, withTwo } from "./builtin.ts";

function listOf(path: Json, name: "Path" | "Paths"): readonly Json[] {
  if (isList(path)) return path;
  throw fail(`${name} must be specified as an array`);
}

const getpath: Builtin = (args) => {
  const path = argument(args, 0);
  const values = withOne((input, keys) => getPath(input, listOf(keys, "Path")))(args);
  return {
    ...values,
    places: (env, at, emit) =>
      path.each(env, at.value, (keys) => emit(listOf(keys, "Path").reduce((place, key) => placeAt(place, key), at))),
  };
};

const del: Builtin = (args) => {
  const target = argument(args, 0);
  return single((env, input) => {
    const paths: Json[][] = [];
    eachPath(target, env, input, (place) => paths.push(pathOf(place)));
    return deletePaths(input, paths);
  });
};

function deleteAll(input: Json, paths: Json): Json {
  return deletePaths(
    input,
    listOf(paths, "Paths").map((path) => listOf(path, "Path")),
  );
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
  "setpath/2": withTwo((input, path, value) => setPath(input, listOf(path, "Path"), () => value)),
  "delpaths/1": withOne(deleteAll),
  "del/1": del,
  "pick/1": pick,
  "map_values/1": (args) => single(update(items, argument(args, 0))),
};
