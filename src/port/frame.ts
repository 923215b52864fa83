import type { Logger } from "../log/logger.ts";
import type { TemplateScope } from "../template/template_scope.ts";
import type { Exchange } from "./exchange.ts";

/** One run of a pipeline as its steps see it. Templates read it through `TemplateScope`. */
export interface Frame extends TemplateScope {
  /** The data the run started with. */
  readonly trigger: Readonly<Record<string, unknown>>;
  /** Trigger data with every step's output laid over it. */
  readonly current: Record<string, unknown>;
  /** Output of each completed step by name. */
  readonly steps: Record<string, Record<string, unknown>>;
  readonly meta: Record<string, unknown>;
  /** The live HTTP request, if there is one that may still be answered. */
  readonly exchange: Exchange | undefined;
  /** The route pattern whose path parameters apply. */
  readonly pattern: string;
  /** Identifies the run in logs, events and the executions API. */
  readonly runId: string;
  /** How many workflow calls lie between this run and the one that a trigger started. */
  readonly callDepth: number;
  /** Aborted when the run is cancelled, its client goes away or its deadline passes. */
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** Whether the run goes on after a restart. */
  readonly isDurable: boolean;
  /** Calls back once when the run has ended or was put aside, with what failed. */
  onEnd(callback: (error: unknown) => void): void;
  /**
   * Names the step that runs now, and is the same on every attempt of it, also after a restart: what the step does to
   * others carries it, so that they can tell a repetition (`Idempotency-Key`).
   */
  readonly idempotencyKey: string;
  /** What ended the wait of a step that had parked its run; undefined when the step runs for the first time. */
  readonly wake: Wake | undefined;
  /** Keeps the results of the parts of the step that runs now. Undefined where nothing outlives the process. */
  readonly checkpoint: Checkpoint | undefined;
  /**
   * A copy for one iteration of a loop: what it changes stays inside. `part` tells it from other forks of the step and
   * becomes a part of its `idempotencyKey`; it has no `checkpoint`. `signal` takes the place of the frame's own, and
   * must abort when that one does.
   */
  fork(part?: string, signal?: AbortSignal): Frame;
  /** Records an output under a step's name and lays it over the current values, as for the steps of a fork. */
  merge(step: string, output: Record<string, unknown>): void;
}

/** Where a step sends the run. Made once per pipeline by `StepContext.target`. */
export interface StepTarget {
  readonly name: string;
  /** Index of the step, or -1 when the pipeline has none of that name. */
  readonly index: number;
}

/** What ended a wait. */
export type Wake =
  { readonly kind: "timer" } | { readonly kind: "signal"; readonly name: string; readonly payload: unknown };

/** What a parked run waits for: a time, a signal, or whichever comes first. */
export interface Park {
  /** Epoch milliseconds. */
  readonly wakeAtMs?: number;
  /** Name of the signal. */
  readonly signal?: string;
}

/** Results of the parts of a step, such as the iterations of a loop, that need not run again after a restart. */
export interface Checkpoint {
  /** Results committed by earlier attempts, by index of the part. */
  readonly done: ReadonlyMap<number, Record<string, unknown>>;
  /** Keeps a result. A promise is given when so many wait for their commit that the step has to wait too. */
  save(index: number, output: Record<string, unknown>): Promise<void> | undefined;
}

/** What a step did. */
export interface StepOutcome {
  readonly output?: Record<string, unknown>;
  /** The run ends here, successfully. */
  readonly stop?: true;
  /** The run goes on at this step. */
  readonly next?: StepTarget;
  /** The run waits, and then runs the step again with `wake` set. Only steps that declare `waits` may give it. */
  readonly park?: Park;
}

/** A step ready to run. Throws to fail. */
export type RunStep = (frame: Frame) => StepOutcome | Promise<StepOutcome>;
