import { messageOf, WorkflowError } from "../error/error.ts";
import type { StepOutcome } from "../port/frame.ts";
import type { BackgroundRecorder } from "../service/journal/background_recorder.ts";
import type { RunEnd } from "../service/journal/run_writer.ts";
import { formatDuration } from "../time/duration.ts";
import type { RunFrame } from "./frame.ts";
import {
  admit,
  afterCompensation,
  type BuiltStep,
  isWanted,
  leave,
  type PipelineParts,
  skippedOutput,
  stepFailure,
} from "./step_flow.ts";

/** What a run gives: a promise only when something had to be waited for. */
export type RunResult = Record<string, unknown> | Promise<Record<string, unknown>>;

/** Runs the steps of runs that are not durable: nothing is committed, and a frame with a writer is recorded. */
export class PlainRunner {
  readonly #parts: PipelineParts;
  readonly #recorder: BackgroundRecorder | undefined;

  constructor(parts: PipelineParts, recorder: BackgroundRecorder | undefined) {
    this.#parts = parts;
    this.#recorder = recorder;
  }

  /** Runs from a step on, until the end or until a step has to be waited for. */
  advance(frame: RunFrame, from: number): RunResult {
    const parts = this.#parts;
    const { steps } = parts;
    let index = from;
    for (let step = steps[index]; step !== undefined; step = steps[index]) {
      let result: StepOutcome | Promise<StepOutcome>;
      try {
        admit(parts, step, frame);
        if (frame.writer !== undefined) frame.stepStartedAtMs = this.#parts.clock.now();
      } catch (error) {
        throw this.#failed(frame, error);
      }
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
      if (result.park !== undefined) return this.#pause(frame, index, result.park.wakeAtMs ?? 0);
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
    if (outcome.park !== undefined) return this.#pause(frame, index, outcome.park.wakeAtMs ?? 0);
    return this.advance(frame, this.#leave(frame, index, step, outcome));
  }

  /** Without a journal, a wait is spent in memory. */
  async #pause(frame: RunFrame, index: number, wakeAtMs: number): Promise<Record<string, unknown>> {
    const { clock } = this.#parts;
    await clock.sleep(Math.max(0, wakeAtMs - clock.now()), frame.signal);
    frame.wake = { kind: "timer" };
    return this.advance(frame, index);
  }

  async #recover(frame: RunFrame, index: number, step: BuiltStep, error: unknown): Promise<Record<string, unknown>> {
    await this.#onFailure(step, { thrown: error, index }, frame);
    return this.advance(frame, index + 1);
  }

  #leave(frame: RunFrame, index: number, step: BuiltStep, outcome: StepOutcome): number {
    frame.wake = undefined;
    let nextIndex: number;
    try {
      nextIndex = leave(this.#parts, index, step, { frame, outcome });
    } catch (error) {
      throw this.#failed(frame, error);
    }
    if (frame.writer !== undefined) {
      this.#note(frame, step, { status: "completed", output: outcome.output ?? {}, nextIndex });
    }
    return nextIndex;
  }

  #finish(frame: RunFrame): void {
    const { log, clock } = this.#parts;
    // Runs that answer a request have their line in the request log.
    const level = frame.exchange === undefined ? "info" : "debug";
    const isLogged = log.isEnabled(level);
    // Asking for the time costs as much as a short step.
    if (!isLogged && frame.writer === undefined && !frame.hasMeta) return frame.end();
    const now = clock.now();
    frame.complete(now);
    this.#close(frame, { status: "completed", finishedAt: now });
    if (!isLogged) return;
    log.log(level, "Pipeline completed", {
      run: frame.runId,
      elapsed: formatDuration(now - frame.startedAtMs),
    });
  }

  /** Records how the run failed, and gives the error back. */
  #failed(frame: RunFrame, error: unknown, failedStep?: string): unknown {
    const isCancelled = error instanceof WorkflowError && error.code === "run.cancelled";
    const finishedAt = this.#parts.clock.now();
    this.#close(frame, { status: isCancelled ? "cancelled" : "failed", finishedAt, error, failedStep });
    return error;
  }

  #close(frame: RunFrame, end: RunEnd): void {
    const { writer } = frame;
    if (writer !== undefined) this.#recorder?.finish(writer, end);
    frame.end(end.error);
  }

  /** Notes what a step did, for a run that is recorded. */
  #note(frame: RunFrame, step: BuiltStep, what: StepNote): void {
    const { writer } = frame;
    if (writer === undefined) return;
    const { name, type } = step;
    const times = { startedAt: frame.stepStartedAtMs, finishedAt: this.#parts.clock.now() };
    const record = { seq: frame.executed, phase: what.phase ?? "step", name, type, ...times } as const;
    try {
      writer.step({ ...record, ...what });
    } catch (error) {
      const text = `its output cannot be recorded: ${messageOf(error)}`;
      writer.step({ ...record, ...what, output: { _unrecorded: text } });
    }
  }

  /** Returns when the run goes on with the next step; throws when the run has failed. */
  async #onFailure(step: BuiltStep, { thrown, index }: Thrown, frame: RunFrame): Promise<void> {
    const failed = stepFailure(step, thrown, frame, this.#parts.log);
    switch (step.strategy) {
      case "stop":
        this.#note(frame, step, { status: "failed", error: thrown, nextIndex: index });
        throw this.#failed(frame, failed, step.name);
      case "skip": {
        this.#parts.log.warn("Skipping failed step", { run: frame.runId, step: step.name });
        const output = skippedOutput(thrown);
        frame.merge(step.name, output);
        this.#note(frame, step, { status: "skipped", error: thrown, output, nextIndex: index + 1 });
        return;
      }
      case "compensate":
        this.#note(frame, step, { status: "failed", error: thrown, nextIndex: index });
        throw this.#failed(frame, await this.#compensate(failed, frame), step.name);
    }
  }

  /** Runs the compensation in reverse order, all of it even when a step fails, and gives the error of the run. */
  async #compensate(failed: WorkflowError, frame: RunFrame): Promise<WorkflowError> {
    const { compensation } = this.#parts;
    this.#parts.log.info("Running compensation", { run: frame.runId, steps: compensation.length });
    let firstFailure: unknown;
    for (const [position, step] of [...compensation.entries()].reverse()) {
      frame.executed++;
      frame.stepStartedAtMs = this.#parts.clock.now();
      const what = { phase: "compensation", nextIndex: position } as const;
      try {
        const { output = {} } = await step.run(frame);
        this.#note(frame, step, { ...what, status: "completed", output });
      } catch (error) {
        firstFailure ??= error;
        this.#parts.log.error("Compensation step failed", {
          run: frame.runId,
          step: step.name,
          error: messageOf(error),
        });
        this.#note(frame, step, { ...what, status: "failed", error });
      }
    }
    return afterCompensation(failed, firstFailure);
  }
}

interface Thrown {
  readonly thrown: unknown;
  readonly index: number;
}

interface StepNote {
  readonly phase?: "compensation";
  readonly status: "completed" | "failed" | "skipped";
  readonly output?: Record<string, unknown>;
  readonly error?: unknown;
  readonly nextIndex: number;
}
