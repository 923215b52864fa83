import { isErrorCode } from "../error/catalog.ts";
import { WorkflowError } from "../error/error.ts";
import { asMap } from "../json/map.ts";
import type { Journal } from "../service/journal/journal.ts";
import { encodeValue } from "../service/journal/payload.ts";
import type { RunRow, StepRow } from "../service/journal/run_row.ts";
import type { RunInput } from "../service/journal/run_writer.ts";
import type { RestoredStep } from "./continuation.ts";

/** The steps of a run with their outputs, read from blobs where they are kept there. */
export async function withValues(journal: Journal, steps: readonly StepRow[]): Promise<readonly RestoredStep[]> {
  return Promise.all(
    steps.map(async (step) => ({
      ...step,
      value: step.output === undefined ? {} : await journal.readMap(step.output),
    })),
  );
}

/** The failure that a row tells of. */
export function failureOf({ error = "the run failed", errorCode }: RunRow): WorkflowError {
  return new WorkflowError(isErrorCode(errorCode) ? errorCode : "step.failed", error);
}

/** What a run started with, as its row has it. */
export function inputOf(stored: Readonly<Record<string, unknown>>): RunInput {
  const { data, request, pattern, callDepth, forced } = stored;
  return {
    data: asMap(data),
    request: request === undefined ? undefined : asMap(request),
    pattern: typeof pattern === "string" ? pattern : undefined,
    callDepth: typeof callDepth === "number" ? callDepth : undefined,
    forced: forced === undefined ? undefined : asMap(forced),
  };
}

/** Tells the content of requests with the same idempotency key apart. */
export function hashOf(data: Readonly<Record<string, unknown>>): string {
  return new Bun.CryptoHasher("sha256").update(encodeValue(data)).digest("hex");
}
