import * as collections from "./builtin/collection.ts";
import * as comparisons from "./builtin/comparison.ts";
import * as logic from "./builtin/logic.ts";
import * as texts from "./builtin/text.ts";
import type { TemplateFunction } from "./define_function.ts";
import * as registered from "./function/index.ts";

const { index, len, slice } = collections;

/** Every function a template can call, callers' own aside: those of the engine, then those of the language. */
export const templateFunctions: readonly TemplateFunction[] = [
  ...Object.values(registered),
  ...Object.values(logic),
  ...Object.values(comparisons),
  index,
  len,
  slice,
  ...Object.values(texts),
];

const byName: ReadonlyMap<string, TemplateFunction> = new Map(
  templateFunctions.map((definition) => [definition.name, definition]),
);

/** Finds a function by name; the caller's own go first. */
export function lookUpFunction(
  name: string,
  own: Readonly<Record<string, TemplateFunction>> | undefined,
): TemplateFunction | undefined {
  return own !== undefined && Object.hasOwn(own, name) ? own[name] : byName.get(name);
}
