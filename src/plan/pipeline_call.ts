import { WorkflowError } from "../error/error.ts";
import { nearestName } from "../schema/nearest.ts";
import type { PlannedPipeline } from "./pipeline.ts";
import type { Problems } from "./problems.ts";
import type { CheckedStep } from "./step.ts";

/** Warns about calls of pipelines that are not defined; they fail when they are made. */
export function checkPipelineCalls(
  pipelines: readonly PlannedPipeline[],
  callers: readonly PlannedPipeline[],
  problems: Problems,
): void {
  const names = new Set(pipelines.map((pipeline) => pipeline.name));
  const check = (step: CheckedStep): void => {
    for (const called of step.calls.filter((name) => !names.has(name))) {
      const near = nearestName(called, names);
      const hint = near === undefined ? undefined : `did you mean "${near}"?`;
      const text = `step "${step.name}" calls pipeline "${called}", which is not defined`;
      problems.warn(new WorkflowError("config.unknown_reference", text, { at: [step.at], hint }));
    }
    for (const nested of step.nested) check(nested);
  };
  for (const caller of callers) for (const step of [...caller.steps, ...caller.compensation]) check(step);
}
