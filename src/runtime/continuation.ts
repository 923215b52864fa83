import type { WorkflowError } from "../error/error.ts";
import type { Park, Wake } from "../port/frame.ts";
import type { StepRow } from "../service/journal/run_row.ts";
import type { RunFrame } from "./frame.ts";
import type { BuiltStep } from "./step_flow.ts";

/** Where a run goes on. */
export interface Continuation {
  /** Index of the next step. */
  readonly index: number;
  /** What ended its wait. */
  readonly wake: Wake | undefined;
  readonly signalId: string | undefined;
  /** What it still waits for. */
  readonly park: Park | undefined;
  /** Set when the steps are done and the compensation is under way: why, and what of it is done. */
  readonly compensating: Compensating | undefined;
}

/** A compensation under way. */
export interface Compensating {
  /** Why the run is compensated. */
  readonly failure: WorkflowError;
  /** Names of the steps that have run, also of those that failed. */
  readonly done: readonly string[];
  /** What failed first among them. */
  readonly firstFailure: unknown;
}

/** A committed step with its output. */
export type RestoredStep = StepRow & { readonly value: Record<string, unknown> };

/** What `restore` finds. */
export interface Restored {
  readonly index: number;
  readonly done: readonly string[];
  readonly lastSeq: number;
  readonly compensationFailure: unknown;
}

/** Lays the committed steps over a frame, and says where the run goes on. */
export function restore(frame: RunFrame, rows: readonly RestoredStep[], steps: readonly BuiltStep[]): Restored {
  let index = 0;
  let compensationFailure: unknown;
  const done: string[] = [];
  const last = new Map<number, RestoredStep>();
  for (const row of rows) last.set(row.seq, row);
  for (const row of last.values()) {
    if (row.phase === "compensation") {
      done.push(row.name);
      compensationFailure ??= row.error;
      frame.executed = row.seq;
      continue;
    }
    index = Math.min(row.nextIndex, steps.length);
    if (row.status === "failed") {
      // In a changed definition it may stand elsewhere.
      if (steps[index]?.name !== row.name) {
        const moved = steps.findLastIndex((step) => step.name === row.name);
        if (moved >= 0) index = moved;
      }
      // It runs again under the same number, and so with the same idempotency key.
      frame.executed = row.seq - 1;
      continue;
    }
    frame.executed = row.seq;
    if (row.status === "skipped" && row.error === undefined) frame.record(row.name, row.value);
    else frame.merge(row.name, row.value);
  }
  return { index, done, lastSeq: Math.max(0, ...last.keys()), compensationFailure };
}
