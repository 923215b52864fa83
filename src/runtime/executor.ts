import type { ErrorStrategy, StepContext } from "../define/definition.ts";
import { messageOf, placed, prefixed, WorkflowError } from "../error/error.ts";
import { asMap } from "../json/map.ts";
import type { Logger } from "../log/logger.ts";
import type { RunStep, StepOutcome, StepTarget } from "../port/frame.ts";
import type { Pipeline, RunOptions } from "../port/pipeline.ts";
import type { RuntimeServices } from "../port/runtime.ts";
import type { PlannedPipeline } from "../plan/pipeline.ts";
import type { CheckedStep } from "../plan/step.ts";
import { child, scalarText } from "../schema/node.ts";
import type { Template } from "../template/template.ts";
import { formatDuration } from "../time/duration.ts";
import { DetachedRuns } from "./detached_run.ts";
import { RunFrame } from "./frame.ts";
import { type RequestPart, requestPartsOf } from "./request_part.ts";
import { withDeadline, withRetry } from "./step_run.ts";

/** Step executions in one run; beyond it, a loop of jumps is taken for endless. Steps inside steps do not count. */
export const stepExecutionsMax = 10_000;

type RunResult = Record<string, unknown> | Promise<Record<string, unknown>>;

interface BuiltStep {
  readonly name: string;
  readonly run: RunStep;
  readonly strategy: ErrorStrategy;
  readonly condition: Template | undefined;
}

/** A pipeline that is ready to run. Runs share nothing but this; their state is on the frame. */
export class BuiltPipeline implements Pipeline {
  readonly name: string;
  readonly pattern: string | undefined;
  readonly #plan: PlannedPipeline;
  readonly #runtime: RuntimeServices;
  readonly #log: Logger;
  readonly #detached: DetachedRuns;
  readonly #requestParts: readonly RequestPart[];
  #steps: readonly BuiltStep[] = [];
  #compensation: readonly BuiltStep[] = [];

  constructor(plan: PlannedPipeline, runtime: RuntimeServices) {
    this.name = plan.name;
    this.pattern = scalarText(child(child(plan.trigger, "config"), "path"));
    this.#plan = plan;
    this.#runtime = runtime;
    this.#log = runtime.log.child({ pipeline: plan.name });
    this.#detached = new DetachedRuns(plan.name, this.#log);
    this.#requestParts = requestPartsOf([...plan.steps, ...plan.compensation]);
  }

  /** Builds the steps. Apart from construction, so that steps can refer to pipelines that come later. */
  build(): void {
    this.#steps = this.#plan.steps.map((step) => this.#buildStep(step));
    this.#compensation = this.#plan.compensation.map((step) => this.#buildStep(step));
  }

  #buildStep(step: CheckedStep): BuiltStep {
    let run = this.#construct(step);
    if (step.timeoutMs !== undefined) run = withDeadline(run, step.timeoutMs, step.name, this.#runtime.clock);
    if (step.retry !== undefined) run = withRetry(run, step.retry, step.name, this.#runtime.clock);
    return { name: step.name, run, strategy: step.strategy ?? this.#plan.strategy, condition: step.condition };
  }

  #construct(step: Pick<CheckedStep, "name" | "type" | "at" | "definition" | "config">): RunStep {
    const context: StepContext = {
      name: step.name,
      type: step.type,
      at: step.at,
      pipeline: this.name,
      log: this.#log.child({ step: step.name }),
      runtime: this.#runtime,
      target: (name) => this.#target(name),
      build: (inner) => this.#construct(inner),
    };
    try {
      return step.definition.build(context, asMap(step.config));
    } catch (error) {
      const failed = prefixed(
        `pipeline "${this.name}": step "${step.name}" (type ${step.type}): `,
        error,
        "config.value",
      );
      throw placed(failed, step.at);
    }
  }

  /** Routing goes to the last step of a name. */
  #target(name: string): StepTarget {
    return { name, index: this.#plan.steps.findLastIndex((step) => step.name === name) };
  }

  /** Runs the steps; completes without a promise when no step needs to be waited for. */
  run(data: Record<string, unknown>, options: RunOptions): RunResult {
    const runtime = this.#runtime;
    const frame = new RunFrame({
      pipeline: this.name,
      data,
      exchange: options.exchange,
      pattern: options.pattern ?? "",
      parentSignal: options.signal,
      log: this.#log,
      uuid: runtime.uuid,
      startedAtMs: runtime.clock.now(),
      callDepth: options.callDepth ?? 0,
      requestParts: this.#requestParts,
    });
    if (this.#log.isDebug) this.#log.debug("Pipeline started", { run: frame.runId, steps: this.#steps.length });
    const { timeoutMs } = this.#plan;
    return timeoutMs === undefined ? this.#advance(frame, 0) : this.#runWithin(frame, timeoutMs);
  }

  async #runWithin(frame: RunFrame, timeoutMs: number): Promise<Record<string, unknown>> {
    const late = new WorkflowError("run.timeout", "context deadline exceeded");
    const cancelTimer = this.#runtime.clock.setTimeout(timeoutMs, () => frame.abort(late));
    try {
      return await this.#advance(frame, 0);
    } finally {
      cancelTimer();
    }
  }

  runDetached(data: Record<string, unknown>, options: Omit<RunOptions, "exchange" | "signal">): void {
    this.#detached.start(async (signal) => this.run(data, { ...options, exchange: undefined, signal }));
  }

  /** Waits for the runs that nobody waits for, and cancels those that are left when the signal aborts. */
  drain(deadline: AbortSignal): Promise<void> {
    return this.#detached.drain(deadline);
  }

  /** Runs from a step on, until the end or until a step has to be waited for. */
  #advance(frame: RunFrame, from: number): RunResult {
    const steps = this.#steps;
    let index = from;
    for (let step = steps[index]; step !== undefined; step = steps[index]) {
      this.#admit(step, frame);
      let result: StepOutcome | Promise<StepOutcome>;
      try {
        if (!isWanted(step, frame)) {
          frame.record(step.name, { _skipped: true });
          index++;
          continue;
        }
        result = step.run(frame);
      } catch (error) {
        return this.#recover(frame, index, step, error);
      }
      if (result instanceof Promise) return this.#wait(frame, index, step, result);
      index = this.#leave(frame, index, step, result);
    }
    this.#finish(frame);
    return frame.current;
  }

  async #wait(
    frame: RunFrame,
    index: number,
    step: BuiltStep,
    pending: Promise<StepOutcome>,
  ): Promise<Record<string, unknown>> {
    let outcome: StepOutcome;
    try {
      outcome = await pending;
    } catch (error) {
      return this.#recover(frame, index, step, error);
    }
    return this.#advance(frame, this.#leave(frame, index, step, outcome));
  }

  async #recover(frame: RunFrame, index: number, step: BuiltStep, error: unknown): Promise<Record<string, unknown>> {
    await this.#onFailure(step, error, frame);
    return this.#advance(frame, index + 1);
  }

  /** Throws when the run must end before the step. */
  #admit(step: BuiltStep, frame: RunFrame): void {
    if (frame.isAborted) throw this.#cancelled(frame);
    if (++frame.executed > stepExecutionsMax) throw this.#endless(step);
  }

  /** Takes over what a step gave; the index of the step that follows. */
  #leave(frame: RunFrame, index: number, step: BuiltStep, outcome: StepOutcome): number {
    frame.merge(step.name, outcome.output ?? {});
    if (this.#log.isDebug) this.#log.debug("Step completed", { run: frame.runId, step: step.name });
    if (outcome.stop === true) return this.#steps.length;
    return outcome.next === undefined ? index + 1 : this.#jump(step, outcome.next);
  }

  #jump(step: BuiltStep, target: StepTarget): number {
    if (target.index >= 0) return target.index;
    const text = `step "${step.name}" routed to unknown step "${target.name}"`;
    throw new WorkflowError("run.unknown_target", text);
  }

  #finish(frame: RunFrame): void {
    const now = this.#runtime.clock.now();
    frame.complete(now);
    // Runs that answer a request have their line in the request log.
    const level = frame.exchange === undefined ? "info" : "debug";
    if (!this.#log.isEnabled(level)) return;
    this.#log.log(level, "Pipeline completed", { run: frame.runId, elapsed: formatDuration(now - frame.startedAtMs) });
  }

  #cancelled(frame: RunFrame): WorkflowError {
    const reason = frame.abortReason;
    const code = reason instanceof WorkflowError ? reason.code : "run.cancelled";
    return new WorkflowError(code, `pipeline "${this.name}" cancelled: ${messageOf(reason)}`, { cause: reason });
  }

  #endless(step: BuiltStep): WorkflowError {
    const text = `pipeline "${this.name}" executed more than ${stepExecutionsMax} steps; the last was "${step.name}"`;
    return new WorkflowError("run.too_many_steps", text, { hint: "look for steps that route back to each other" });
  }

  /** Returns when the run goes on with the next step; throws when the run has failed. */
  async #onFailure(step: BuiltStep, thrown: unknown, frame: RunFrame): Promise<void> {
    const failed = prefixed(`step "${step.name}" failed: `, thrown, "step.failed");
    // What a client did wrong is no fault of the server's.
    const level = failed.status < 500 ? "info" : "error";
    this.#log.log(level, "Step failed", { run: frame.runId, step: step.name, error: messageOf(thrown) });
    switch (step.strategy) {
      case "stop":
        throw failed;
      case "skip": {
        this.#log.warn("Skipping failed step", { run: frame.runId, step: step.name });
        frame.merge(step.name, { _error: messageOf(thrown), _skipped: true });
        return;
      }
      case "compensate":
        throw await this.#compensate(failed, frame);
    }
  }

  /** Runs the compensation in reverse order, all of it even when a step fails, and gives the error of the run. */
  async #compensate(failed: WorkflowError, frame: RunFrame): Promise<WorkflowError> {
    this.#log.info("Running compensation", { run: frame.runId, steps: this.#compensation.length });
    let firstFailure: unknown;
    for (const step of [...this.#compensation].reverse()) {
      try {
        await step.run(frame);
      } catch (error) {
        firstFailure ??= error;
        this.#log.error("Compensation step failed", { run: frame.runId, step: step.name, error: messageOf(error) });
      }
    }
    const note =
      firstFailure === undefined ? "compensation executed" : `compensation also failed: ${messageOf(firstFailure)}`;
    const { code, status, at, hint, details } = failed;
    return new WorkflowError(code, `${failed.message} (${note})`, { cause: failed.cause, status, at, hint, details });
  }
}

/** Whether the step's condition holds; a condition that cannot be evaluated is a failure of the step. */
function isWanted(step: BuiltStep, frame: RunFrame): boolean {
  return step.condition === undefined || isTruthyText(step.condition.evaluate(frame));
}

/** A condition written as a template gives text: these words count as false. */
function isTruthyText(value: unknown): boolean {
  if (typeof value === "string") return !["", "false", "0", "<no value>"].includes(value.trim());
  if (Array.isArray(value)) return value.length > 0;
  if (typeof value === "object" && value !== null) return Object.keys(value).length > 0;
  return Boolean(value);
}
