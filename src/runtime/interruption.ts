import { WorkflowError } from "../error/error.ts";

/** The journal, not the step, failed: the run is neither done nor failed, and somebody goes on with it later. */
export class Interruption extends Error {
  readonly failure: WorkflowError;

  constructor(failure: WorkflowError) {
    super(failure.message);
    this.failure = failure;
  }
}

const journalCodes: ReadonlySet<string> = new Set(["store.failed", "run.lost", "run.duplicate"]);

/** Whether an error is one of the journal and not of a step. */
export function isJournalFailure(error: unknown): error is WorkflowError {
  return error instanceof WorkflowError && journalCodes.has(error.code);
}

/** Whether an error means that the run goes on later. */
export function isPutAside(error: unknown): boolean {
  return error instanceof WorkflowError && (error.code === "run.suspended" || error.code === "store.failed");
}
