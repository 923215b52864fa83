import type { StoreRow } from "../store/statement.ts";

/** How a run is to survive: not at all, by the commits around its write steps, or by one after every step. */
export type Durability = "none" | "durable" | "strict";

/** Where a run is. `queued` waits for its turn, `waiting` for a time or a signal, `blocked` for a usable definition. */
export type RunStatus = "queued" | "running" | "waiting" | "blocked" | "completed" | "failed" | "cancelled";

/** A run as the store has it. Times are epoch milliseconds. */
export interface RunRow {
  readonly id: string;
  readonly pipeline: string;
  /** Hash of the definition it started with. */
  readonly definition: string;
  /** What started it: `http`, `schedule`, `pipeline:parent`. */
  readonly trigger: string;
  readonly durability: Durability;
  readonly status: RunStatus;
  /** Encoded trigger data, or the reference of a blob. */
  readonly input: string;
  /** Counts the processes that worked on it. */
  readonly attempt: number;
  /** The attempt with which somebody last started it again; 0 when nobody has. */
  readonly retried: number;
  /** Changes when somebody takes the run over: who holds an older one can write nothing more. */
  readonly token: number;
  readonly idempotencyKey: string | undefined;
  readonly inputHash: string | undefined;
  readonly response: string | undefined;
  readonly concurrencyKey: string | undefined;
  readonly parent: string | undefined;
  readonly replayOf: string | undefined;
  /** Sequence number of the step that waits. */
  readonly waitSeq: number | undefined;
  readonly waitSignal: string | undefined;
  readonly wakeAt: number | undefined;
  readonly failedStep: string | undefined;
  readonly error: string | undefined;
  readonly errorCode: string | undefined;
  readonly createdAt: number;
  readonly finishedAt: number | undefined;
}

/** One execution of a step as the store has it. */
export interface StepRow {
  /** Counts the executions of the run, from 1: routes can jump back. */
  readonly seq: number;
  readonly attempt: number;
  readonly phase: "step" | "compensation";
  readonly name: string;
  readonly type: string;
  readonly status: "completed" | "failed" | "skipped";
  /** Encoded output, or the reference of a blob. */
  readonly output: string | undefined;
  readonly error: string | undefined;
  readonly errorCode: string | undefined;
  /** Index of the step that follows; the number of steps when the run ends here. */
  readonly nextIndex: number;
  readonly startedAt: number;
  readonly finishedAt: number;
}

/** Reads a row of `engine_run`. */
export function toRun(row: StoreRow): RunRow {
  return {
    id: text(row.id),
    pipeline: text(row.pipeline),
    definition: text(row.definition),
    trigger: text(row.trigger_type),
    durability: row.durability === "strict" ? "strict" : row.durability === "none" ? "none" : "durable",
    status: statusOf(text(row.status)),
    input: text(row.input),
    attempt: Number(row.attempt),
    retried: Number(row.retried),
    token: Number(row.token),
    idempotencyKey: optionalText(row.idempotency_key),
    inputHash: optionalText(row.input_hash),
    response: optionalText(row.response),
    concurrencyKey: optionalText(row.concurrency_key),
    parent: optionalText(row.parent),
    replayOf: optionalText(row.replay_of),
    waitSeq: optionalNumber(row.wait_seq),
    waitSignal: optionalText(row.wait_signal),
    wakeAt: optionalNumber(row.wake_at),
    failedStep: optionalText(row.failed_step),
    error: optionalText(row.error),
    errorCode: optionalText(row.error_code),
    createdAt: Number(row.created_at),
    finishedAt: optionalNumber(row.finished_at),
  };
}

/** Reads a row of `engine_step`. */
export function toStep(row: StoreRow): StepRow {
  return {
    seq: Number(row.seq),
    attempt: Number(row.attempt),
    phase: row.phase === "compensation" ? "compensation" : "step",
    name: text(row.name),
    type: text(row.type),
    status: row.status === "failed" ? "failed" : row.status === "skipped" ? "skipped" : "completed",
    output: optionalText(row.output),
    error: optionalText(row.error),
    errorCode: optionalText(row.error_code),
    nextIndex: Number(row.next_index),
    startedAt: Number(row.started_at),
    finishedAt: Number(row.finished_at),
  };
}

const statuses: readonly RunStatus[] = ["queued", "running", "waiting", "blocked", "completed", "failed", "cancelled"];

function statusOf(value: string): RunStatus {
  return statuses.find((status) => status === value) ?? "failed";
}

function text(value: unknown): string {
  return String(value ?? "");
}

function optionalText(value: unknown): string | undefined {
  return value === null || value === undefined ? undefined : String(value);
}

function optionalNumber(value: unknown): number | undefined {
  return value === null || value === undefined ? undefined : Number(value);
}
