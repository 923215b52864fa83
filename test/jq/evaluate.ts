import { compileProgram } from "../../src/jq/program.ts";
import type { RunOptions } from "../../src/jq/run.ts";

/** The outputs of a program. The time is 2015-03-05T23:51:47Z and does not pass. */
export function evaluate(
  program: string,
  input: unknown = null,
  options: Partial<RunOptions> = {},
): readonly unknown[] {
  return compileProgram(program).run(input, { now: () => 1_425_599_507_000, monotonic: () => 0, ...options });
}
