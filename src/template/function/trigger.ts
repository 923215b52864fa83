import { defineFunction } from "../define_function.ts";
import { walk } from "../value.ts";

/** Reads what the run was started with; whatever is missing on the way makes it nil, never an error. */
export default defineFunction({
  name: "trigger",
  summary: "What the run was started with, or one value of it; nil when it is not there.",
  parameters: [
    { name: "keys", type: "string", rest: true, description: "Keys that lead to a value; none gives the whole map." },
  ],
  call: (keys, scope) => walk(scope.trigger, keys),
});
