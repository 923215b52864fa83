import type { RunRow, StepRow } from "../service/journal/run_row.ts";
import { shownValue } from "../service/journal/shown_value.ts";
import { asMap } from "../json/map.ts";

// What an answer shows of a run. Long values are shown as references: their text is at `…/blobs/{hash}`.

/** A run in a list. */
export function executionSummary(run: RunRow): Record<string, unknown> {
  return {
    id: run.id,
    execution_id: run.id,
    pipeline: run.pipeline,
    status: shownStatus(run),
    durability: run.durability,
    trigger_type: run.trigger,
    attempt: run.attempt,
    created_at: time(run.createdAt),
    started_at: time(run.createdAt),
    completed_at: time(run.finishedAt),
    duration_ms: run.finishedAt === undefined ? undefined : run.finishedAt - run.createdAt,
    error: run.error,
    error_message: run.error,
    error_code: run.errorCode,
    failed_step: run.failedStep,
    waiting_for: waitOf(run),
    idempotency_key: run.idempotencyKey,
    parent_execution_id: run.parent,
    replay_of: run.replayOf,
    definition: run.definition,
  };
}

/** What a run waits for. */
function waitOf({ status, waitSignal, wakeAt }: RunRow): Record<string, unknown> | undefined {
  if (status !== "waiting") return undefined;
  return { signal: waitSignal, until: time(wakeAt) };
}

/** `queued` is called `pending` towards clients, as it always was. */
function shownStatus({ status }: RunRow): string {
  return status === "queued" ? "pending" : status;
}

/** A run by itself, with what it began with and what its last step gave. */
export function executionRecord(run: RunRow, steps: readonly StepRow[]): Record<string, unknown> {
  const last = steps.findLast((step) => step.status === "completed");
  return {
    ...executionSummary(run),
    trigger_data: asMap(shownValue(run.input)).data ?? shownValue(run.input),
    output_data: run.status === "completed" && last?.output !== undefined ? shownValue(last.output) : undefined,
    step_count: steps.length,
  };
}

/** A step as a record of its own. */
export function stepRecord(run: RunRow, step: StepRow): Record<string, unknown> {
  return {
    id: `${run.id}/${step.seq}/${step.attempt}`,
    execution_id: run.id,
    step_name: step.name,
    step_type: step.type,
    phase: step.phase,
    status: step.status,
    attempt: step.attempt,
    sequence_num: step.seq,
    output_data: step.output === undefined ? undefined : shownValue(step.output),
    error_message: step.error,
    error_code: step.errorCode,
    started_at: time(step.startedAt),
    completed_at: time(step.finishedAt),
    duration_ms: step.finishedAt - step.startedAt,
  };
}

/** The run as it went: one entry for each execution of a step. */
export function timelineOf(run: RunRow, steps: readonly StepRow[]): Record<string, unknown> {
  return {
    ...executionSummary(run),
    steps: steps.map((step) => ({
      ...stepRecord(run, step),
      error: step.error,
      retries: step.attempt - 1,
      idempotency_key: `${run.id}/${step.seq}`,
    })),
    event_count: eventsOf(run, steps).length,
  };
}

/** The run as events. */
export function eventsOf(run: RunRow, steps: readonly StepRow[]): Record<string, unknown>[] {
  const events: { readonly type: string; readonly at: number; readonly data: Record<string, unknown> }[] = [];
  const add = (type: string, at: number, data: Record<string, unknown>) => events.push({ type, at, data });
  if (run.replayOf !== undefined) add("execution.replay", run.createdAt, { original_execution_id: run.replayOf });
  add("execution.started", run.createdAt, { pipeline: run.pipeline });
  let isCompensating = false;
  for (const { phase, name, type, seq, status, error, output, startedAt, finishedAt } of steps) {
    if (phase === "compensation" && !isCompensating) {
      isCompensating = true;
      add("saga.compensating", startedAt, { pipeline: run.pipeline });
    }
    const facts = { step_name: name, step_type: type, index: seq };
    if (status !== "skipped") add("step.started", startedAt, facts);
    if (output !== undefined) add("step.output_recorded", finishedAt, { ...facts, output: shownValue(output) });
    const outcome = phase === "compensation" && status === "completed" ? "compensated" : status;
    add(`step.${outcome}`, finishedAt, { ...facts, error, elapsed_ms: finishedAt - startedAt });
  }
  if (run.finishedAt !== undefined) {
    if (isCompensating && !steps.some(({ phase, status }) => phase === "compensation" && status === "failed")) {
      add("saga.compensated", run.finishedAt, { pipeline: run.pipeline });
    }
    add(`execution.${run.status}`, run.finishedAt, { pipeline: run.pipeline, error: run.error });
  }
  return events.map(({ type, at, data }, index) => ({
    id: `${run.id}-${index + 1}`,
    execution_id: run.id,
    sequence_num: index + 1,
    event_type: type,
    event_data: data,
    created_at: time(at),
  }));
}

/** An RFC 3339 time. */
export function time(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : new Date(ms).toISOString();
}
