import { single } from "../filter.ts";
import type { Builtin, Builtins } from "./builtin.ts";
import { controlBuiltins } from "./control.ts";
import { dateBuiltins } from "./date.ts";
import { libraryNames } from "./library.ts";
import { listBuiltins } from "./list.ts";
import { loopBuiltins } from "./loop.ts";
import { mathBuiltins } from "./math.ts";
import { pathBuiltins } from "./path.ts";
import { patternBuiltins } from "./pattern.ts";
import { textBuiltins } from "./text.ts";

const ownNames: Builtins = {
  "builtins/0": () => single(() => [...builtins.keys(), ...libraryNames()]),
};

const builtins: ReadonlyMap<string, Builtin> = new Map(
  [
    controlBuiltins,
    loopBuiltins,
    listBuiltins,
    pathBuiltins,
    textBuiltins,
    patternBuiltins,
    mathBuiltins,
    dateBuiltins,
    ownNames,
  ].flatMap((family) => Object.entries(family)),
);

/** The builtin of that name and number of arguments. */
export function builtin(name: string, arity: number): Builtin | undefined {
  return builtins.get(`${name}/${arity}`);
}
