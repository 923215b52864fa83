import { defineFunction, type FunctionParameter } from "../define_function.ts";
import { isTrue } from "../value.ts";

const condition: FunctionParameter = { name: "condition", type: "any", description: "A value that is true or false." };
const more: FunctionParameter = { ...condition, name: "more", rest: true };

/** The first false argument, else the last. The compiler does not evaluate the arguments behind it. */
export const and = defineFunction({
  name: "and",
  summary: "The first argument that is false, else the last; those behind it are not evaluated.",
  parameters: [condition, more],
  call: (args) => args[deciding(args, false)],
});

/** The first true argument, else the last. The compiler does not evaluate the arguments behind it. */
export const or = defineFunction({
  name: "or",
  summary: "The first argument that is true, else the last; those behind it are not evaluated.",
  parameters: [condition, more],
  call: (args) => args[deciding(args, true)],
});

/** The opposite of a condition. */
export const not = defineFunction({
  name: "not",
  summary: "Whether the argument is false.",
  parameters: [condition],
  call: ([value]) => !isTrue(value),
});

function deciding(args: readonly unknown[], truth: boolean): number {
  const index = args.findIndex((value) => isTrue(value) === truth);
  return index < 0 ? args.length - 1 : index;
}
