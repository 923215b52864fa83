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
}

/** A pipeline that can be run. `run` gives the final context, or throws what failed. */
export interface Pipeline {
  readonly name: string;
  /** Route pattern of the pipeline's own HTTP trigger, whose path parameters apply when another pipeline calls it. */
  readonly pattern: string | undefined;
  run(data: Record<string, unknown>, options: RunOptions): Promise<Record<string, unknown>> | Record<string, unknown>;
  /**
   * Starts a run that nobody waits for. It belongs to the pipeline, which logs its failure and ends it with the
   * generation. Throws `run.too_many` when too many of them are in flight.
   */
  runDetached(data: Record<string, unknown>, options: Omit<RunOptions, "exchange" | "signal">): void;
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
