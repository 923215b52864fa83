import type { WorkflowError } from "../error/error.ts";

/** Gathers everything that is wrong with a configuration, so that it is reported at once. */
export class Problems {
  readonly errors: WorkflowError[] = [];
  readonly warnings: WorkflowError[] = [];

  error(problem: WorkflowError): void {
    this.errors.push(problem);
  }

  warn(problem: WorkflowError): void {
    this.warnings.push(problem);
  }
}
