import { defineStep } from "../../define/define.ts";
import { prefixed, WorkflowError } from "../../error/error.ts";
import { JqSyntaxError } from "../../jq/failure.ts";
import { compileProgram, JqError, type Program } from "../../jq/program.ts";
import { isPlainMap } from "../../json/map.ts";
import { Type, valuePath } from "../../schema/field.ts";
import { openOutputOf } from "../../schema/output.ts";

/** Computes values with a jq program. */
export default defineStep({
  type: "step.jq",
  summary: "Compute values with a jq program.",
  category: "pipeline",
  effect: "pure",
  config: Type.Object({
    expression: Type.String({
      description: "The program; `docs/guide/jq.md` lists what it may use.",
      examples: [".body.items | map(select(.active) | .id)"],
    }),
    input_from: Type.Optional(
      valuePath("dotted", {
        description: "Where the program's input is, such as `steps.fetch.body`. The current values when absent.",
      }),
    ),
  }),
  output: openOutputOf(["result"]),
  build({ name, runtime }, { expression, input_from: source }) {
    const program = compiled(name, expression);
    const now = (): number => runtime.clock.now();
    const monotonic = (): number => runtime.clock.monotonic();
    return (frame) => {
      let input: unknown = frame.current;
      try {
        if (source !== undefined) input = source.get(frame);
      } catch (error) {
        throw prefixed(`jq step "${name}": `, error, "step.failed");
      }
      const debug = (value: string): void => frame.log.debug("jq debug", { step: name, value });
      try {
        return { output: outputOf(program.run(input, { now, monotonic, debug })) };
      } catch (error) {
        if (!(error instanceof JqError)) throw error;
        throw new WorkflowError("step.failed", `jq step "${name}": expression error: ${error.message}`);
      }
    };
  },
});

function compiled(name: string, expression: string): Program {
  try {
    return compileProgram(expression);
  } catch (error) {
    if (!(error instanceof JqSyntaxError)) throw error;
    const where = `at character ${error.offset + 1}`;
    const text = `jq step "${name}": invalid expression ${JSON.stringify(expression)}: ${error.message} ${where}`;
    throw new WorkflowError("config.value", text);
  }
}

/** One output is the result, and an object's keys stand beside it; several are a list. */
function outputOf(outputs: readonly unknown[]): Record<string, unknown> {
  const [first = null] = outputs;
  if (outputs.length > 1) return { result: outputs };
  return isPlainMap(first) ? { result: first, ...first } : { result: first };
}
