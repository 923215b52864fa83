import type { PlannedStep, StepContext } from "../../../define/definition.ts";
import { prefixed } from "../../../error/error.ts";
import type { Frame, RunStep } from "../../../port/frame.ts";

/** A step that stands inside another one. */
export interface NestedStep {
  readonly name: string;
  readonly run: RunStep;
  /** What tells its work from that of the steps beside it; undefined when nothing has to. */
  readonly part: string | undefined;
}

/** Builds steps that run one after the other inside `context`'s step. */
export function buildNested({ build }: StepContext, planned: readonly PlannedStep[]): readonly NestedStep[] {
  const writers = planned.filter(writes).length;
  return planned.map((step, index) => {
    const isTwin = planned.findIndex(({ name }) => name === step.name) !== index;
    const part = writers > 1 && writes(step) ? step.name + (isTwin ? `#${index}` : "") : undefined;
    return { name: step.name, run: build(step), part };
  });
}

/** Whether it may change others: of steps whose effect depends on their settings nothing else is assumed. */
function writes({ definition }: PlannedStep): boolean {
  return definition.effect !== "pure" && definition.effect !== "read";
}

/**
 * Runs the steps on a fork and gives their outputs laid over each other. A step that stops ends the list, and jumps
 * lead nowhere. `where` is put before the message of a failure.
 */
export async function runNested(
  steps: readonly NestedStep[],
  frame: Frame,
  where: string,
): Promise<Record<string, unknown>> {
  const result: Record<string, unknown> = {};
  for (const { name, run, part } of steps) {
    try {
      if (frame.signal.aborted) throw prefixed("", frame.signal.reason, "run.cancelled");
      // Steps that change others need a name of their own each; the fork is only for that.
      const { output = {}, stop } = await run(part === undefined ? frame : frame.fork(part));
      frame.merge(name, output);
      for (const key of Object.keys(output)) setOwn(result, key, output[key]);
      if (stop === true) break;
    } catch (error) {
      throw prefixed(`${where}sub-step ${JSON.stringify(name)} failed: `, error, "step.failed");
    }
  }
  return result;
}

/** An assignment to `__proto__` would change the map's prototype. */
export function setOwn(map: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== "__proto__") map[key] = value;
}
