import type { ErrorStrategy, StepEffect } from "../define/definition.ts";
import { messageOf, trailed, WorkflowError } from "../error/error.ts";
import type { Logger } from "../log/logger.ts";
import type { RunStep, StepOutcome, StepTarget } from "../port/frame.ts";
import type { Template } from "../template/template.ts";
import type { Clock } from "../time/clock.ts";
import type { RunFrame } from "./frame.ts";

/** Step executions in one run; beyond it, a loop of jumps is taken for endless. Steps inside steps do not count. */
export const stepExecutionsMax = 10_000;

/** A step that is ready to run. */
export interface BuiltStep {
  readonly name: string;
  readonly type: string;
  readonly effect: StepEffect;
  readonly run: RunStep;
  readonly strategy: ErrorStrategy;
  readonly condition: Template | undefined;
}

/** What the runs of a pipeline share. */
export interface PipelineParts {
  readonly name: string;
  readonly log: Logger;
  readonly clock: Clock;
  readonly steps: readonly BuiltStep[];
  readonly compensation: readonly BuiltStep[];
}

/** Throws when the run must end before the step; else counts it. */
export function admit({ name }: PipelineParts, step: BuiltStep, frame: RunFrame): void {
  if (frame.isAborted) throw cancelled(name, frame);
  if (++frame.executed > stepExecutionsMax) throw endless(name, step);
}

/** Takes over what a step gave; the index of the step that follows. */
export function leave(
  { log, steps }: PipelineParts,
  index: number,
  step: BuiltStep,
  { frame, outcome }: { readonly frame: RunFrame; readonly outcome: StepOutcome },
): number {
  frame.merge(step.name, outcome.output ?? {});
  if (log.isDebug) log.debug("Step completed", { run: frame.runId, step: step.name });
  if (outcome.stop === true) return steps.length;
  return outcome.next === undefined ? index + 1 : jump(step, outcome.next);
}

/** The error of a run whose step failed. */
export function stepFailure(step: BuiltStep, thrown: unknown, frame: RunFrame, log: Logger): WorkflowError {
  const failed = trailed(`step "${step.name}" failed: `, thrown, "step.failed");
  // What a client did wrong is no fault of the server's.
  const level = failed.status < 500 ? "info" : "error";
  log.log(level, "Step failed", { run: frame.runId, step: step.name, error: messageOf(thrown) });
  return failed;
}

/** The output of a step that failed and is skipped. */
export function skippedOutput(thrown: unknown): Record<string, unknown> {
  return { _error: messageOf(thrown), _skipped: true };
}

/** The error of a run after its compensation. */
export function afterCompensation(failed: WorkflowError, firstFailure: unknown): WorkflowError {
  const note =
    firstFailure === undefined ? "compensation executed" : `compensation also failed: ${messageOf(firstFailure)}`;
  const { code, status, at, hint, details } = failed;
  return new WorkflowError(code, `${failed.message} (${note})`, { cause: failed.cause, status, at, hint, details });
}

/** Whether the step's condition holds; a condition that cannot be evaluated is a failure of the step. */
export function isWanted(step: BuiltStep, frame: RunFrame): boolean {
  return step.condition === undefined || isTruthyText(step.condition.evaluate(frame));
}

function jump(step: BuiltStep, target: StepTarget): number {
  if (target.index >= 0) return target.index;
  const text = `step "${step.name}" routed to unknown step "${target.name}"`;
  throw new WorkflowError("run.unknown_target", text);
}

/** The error of a run that was cancelled. */
export function cancelled(pipeline: string, frame: RunFrame): WorkflowError {
  const reason = frame.abortReason;
  const code = reason instanceof WorkflowError ? reason.code : "run.cancelled";
  return new WorkflowError(code, `pipeline "${pipeline}" cancelled: ${messageOf(reason)}`, { cause: reason });
}

function endless(pipeline: string, step: BuiltStep): WorkflowError {
  const text = `pipeline "${pipeline}" executed more than ${stepExecutionsMax} steps; the last was "${step.name}"`;
  return new WorkflowError("run.too_many_steps", text, { hint: "look for steps that route back to each other" });
}

/** A condition written as a template gives text: these words count as false. */
function isTruthyText(value: unknown): boolean {
  if (typeof value === "string") return !["", "false", "0", "<no value>"].includes(value.trim());
  if (Array.isArray(value)) return value.length > 0;
  if (typeof value === "object" && value !== null) return Object.keys(value).length > 0;
  return Boolean(value);
}
