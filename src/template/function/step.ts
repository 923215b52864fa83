import { defineFunction } from "../define_function.ts";
import { walk } from "../value.ts";

/** Reads the output of a step; whatever is missing on the way makes it nil, never an error. */
export default defineFunction({
  name: "step",
  summary: "The output of a completed step, or one value of it; nil when it is not there.",
  parameters: [
    { name: "name", type: "string", description: "Name of the step." },
    { name: "keys", type: "string", rest: true, description: "Keys that lead to a value inside the output." },
  ],
  call: (keys, scope) => walk(scope.steps, keys),
});
