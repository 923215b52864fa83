import { WorkflowError } from "../error/error.ts";

/** Most levels of lists and maps that are read or written as JSON; specified, the same in both directions. */
export const jsonDepthMax = 200;

/** The `step.failed` error for a value that is too deep to be written, which a value that contains itself always is. */
export function tooDeepToWrite(): WorkflowError {
  return new WorkflowError("step.failed", `value is nested deeper than ${jsonDepthMax} levels or contains itself`);
}
