import type { Config } from "../config/config.ts";
import { ConfigErrors, WorkflowError } from "../error/error.ts";
import type { PlannedPipeline } from "./pipeline.ts";
import { makePlan, type PlanOptions } from "./plan.ts";

/**
 * Decodes a pipeline of an earlier configuration, which stands in the place of the pipelines of the present one.
 * Throws `run.blocked` with what does not fit.
 */
export function planStoredPipeline(config: Config, name: string, options: PlanOptions): PlannedPipeline {
  try {
    const plan = makePlan(config, options);
    const planned = plan.pipelines.find((pipeline) => pipeline.name === name);
    if (planned !== undefined) return planned;
  } catch (error) {
    if (!(error instanceof ConfigErrors)) throw error;
    const text = `the definition it was started with does not fit the present configuration: ${error.message}`;
    throw new WorkflowError("run.blocked", text, { cause: error });
  }
  throw new WorkflowError("run.blocked", `the definition it was started with has no pipeline "${name}"`);
}
