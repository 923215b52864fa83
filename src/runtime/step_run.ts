import { messageOf, WorkflowError } from "../error/error.ts";
import type { Frame, RunStep, StepOutcome } from "../port/frame.ts";
import type { StepRetry } from "../plan/step.ts";
import type { Clock } from "../time/clock.ts";
import { formatDuration } from "../time/duration.ts";
import { RunFrame } from "./frame.ts";

/** A step with a deadline of its own: its signal is aborted and the step fails when the time is over. */
export function withDeadline(run: RunStep, timeoutMs: number, name: string, clock: Clock): RunStep {
  return async (frame) => {
    if (!(frame instanceof RunFrame)) throw new WorkflowError("internal.invariant", "frames are made by the executor");
    const controller = new AbortController();
    const late = new WorkflowError("run.timeout", `step "${name}" took longer than ${timeoutMs} ms`);
    const cancelTimer = clock.setTimeout(timeoutMs, () => controller.abort(late));
    const signal = AbortSignal.any([frame.signal, controller.signal]);
    try {
      // The step may ignore its signal: the run goes on without it, and what it throws later is nobody's.
      return await Promise.race([run(frame.limitedBy(signal)), whenAborted(signal)]);
    } finally {
      cancelTimer();
      controller.abort(late);
    }
  };
}

function whenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

/** A step that is tried again, with a delay that doubles up to a maximum. Cancelling the run ends the waiting. */
export function withRetry(run: RunStep, retry: StepRetry, name: string, clock: Clock): RunStep {
  return async (frame: Frame): Promise<StepOutcome> => {
    let delayMs = retry.backoffMs;
    for (let attempt = 1; ; attempt++) {
      try {
        return await run(frame);
      } catch (error) {
        if (attempt >= retry.maxAttempts || frame.signal.aborted) throw error;
        frame.log.warn("Step failed, trying again", {
          step: name,
          attempt,
          error: messageOf(error),
          delay: formatDuration(delayMs),
        });
      }
      await clock.sleep(delayMs, frame.signal);
      delayMs = Math.min(delayMs * 2, retry.maxBackoffMs);
    }
  };
}
