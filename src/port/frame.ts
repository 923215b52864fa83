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
  /** A copy for one iteration of a loop: what it changes stays inside. */
  fork(): Frame;
  /** Records an output under a step's name and lays it over the current values, as for the steps of a fork. */
  merge(step: string, output: Record<string, unknown>): void;
}

/** Where a step sends the run. Made once per pipeline by `StepContext.target`. */
export interface StepTarget {
  readonly name: string;
  /** Index of the step, or -1 when the pipeline has none of that name. */
  readonly index: number;
}

/** What a step did. */
export interface StepOutcome {
  readonly output?: Record<string, unknown>;
  /** The run ends here, successfully. */
  readonly stop?: true;
  /** The run goes on at this step. */
  readonly next?: StepTarget;
}

/** A step ready to run. Throws to fail. */
export type RunStep = (frame: Frame) => StepOutcome | Promise<StepOutcome>;
