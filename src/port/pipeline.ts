import { definePort } from "../schema/field.ts";
import type { Exchange } from "./exchange.ts";

/** What a run is given beside its data. */
export interface RunOptions {
  /** The live request a step may answer. */
  readonly exchange?: Exchange | undefined;
  /** Route pattern for path parameters. */
  readonly pattern?: string | undefined;
  /** Cancels the run. */
  readonly signal?: AbortSignal | undefined;
  /** What started the run, as shown in executions: `http`, `schedule`, `pipeline:parent`. */
  readonly trigger: string;
  /** How many workflow calls lead to the run; none when absent. */
  readonly callDepth?: number | undefined;
  /**
   * Makes the run happen once: a second one with the same key is the first one again. Ignored by runs that are not
   * durable.
   */
  readonly idempotencyKey?: string | undefined;
  /** Runs with the same key share the pipeline's limit of runs under way. Computed by the pipeline itself. */
  readonly concurrencyKey?: string | undefined;
  /** The run that calls and waits for the result. The called run is durable when this one is. */
  readonly parent?: ParentRun | undefined;
}

/** The run that called another one. */
export interface ParentRun {
  readonly runId: string;
  readonly isDurable: boolean;
}

/** A run that will happen, whatever becomes of the process. */
export interface AcceptedRun {
  readonly id: string;
}

/** The answer to a request whose run goes on without it: 202 with the run's address (RFC 9110 §15.3.3). */
export function acceptedAnswer(id: string): { readonly status: 202; headers: Record<string, string>; body: string } {
  return {
    status: 202,
    headers: { "content-type": "application/json", location: `/api/v1/executions/${id}` },
    body: `{"status": "workflow triggered", "execution_id": "${id}"}`,
  };
}

/** A pipeline that can be run. `run` gives the final context, or throws what failed. */
export interface Pipeline {
  readonly name: string;
  /** Route pattern of the pipeline's own HTTP trigger, whose path parameters apply when another pipeline calls it. */
  readonly pattern: string | undefined;
  /** Why its runs cannot be accepted to run later; undefined when they can. */
  readonly acceptProblem: string | undefined;
  run(data: Record<string, unknown>, options: RunOptions): Promise<Record<string, unknown>> | Record<string, unknown>;
  /**
   * Starts a run that nobody waits for. It belongs to the pipeline, which logs its failure and ends it with the
   * generation. Throws `run.too_many` when too many of them are in flight.
   */
  runDetached(data: Record<string, unknown>, options: Omit<RunOptions, "exchange" | "signal">): Promise<void> | void;
  /** Commits a run and starts it. Resolves when it is sure to happen, also when the process ends. */
  accept(data: Record<string, unknown>, options: Omit<RunOptions, "signal">): Promise<AcceptedRun>;
}

/** The pipelines of a generation by name, complete once it is built. */
export interface PipelineDirectory {
  find(name: string): Pipeline | undefined;
  names(): readonly string[];
}

/** A handler that runs pipelines written at its routes. */
export interface RoutePipelineHost {
  /** `key` is `"<METHOD> <path>"`. */
  attachPipeline(key: string, pipeline: Pipeline): void;
}
export const RoutePipelineHost = definePort<RoutePipelineHost>("route_pipeline_host", "a handler of route pipelines");
