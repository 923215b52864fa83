import { messageOf } from "../../error/error.ts";
import type { RunEventType } from "../../port/run_feed.ts";
import { formatDuration } from "../../time/duration.ts";
import type { RunEventFeed } from "./run_event_feed.ts";
import type { RunEnd, RunFacts, StepRecord } from "./run_writer.ts";

/** Which part of a run a source tells of. */
export interface RunPart {
  /** Whether it is the beginning of the run. */
  readonly isFirst: boolean;
  readonly token: number;
  readonly attempt: number;
}

/** Tells a feed what one writer writes of a run. */
export class RunEventSource {
  readonly #feed: RunEventFeed;
  readonly #facts: RunFacts;
  readonly #part: RunPart;
  #hasBegun: boolean;
  #told = 0;
  /** The step before, and the index at which the run went on after it. */
  #left:
    { readonly name: string; readonly index: number; readonly nextIndex: number; readonly atMs: number } | undefined;
  #compensation: "none" | "succeeding" | "failed" = "none";

  constructor(feed: RunEventFeed, facts: RunFacts, part: RunPart) {
    this.#feed = feed;
    this.#facts = facts;
    this.#part = part;
    this.#hasBegun = !part.isFirst;
  }

  /** Tells that the run has begun, unless that was told before. */
  begin(): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    const { id, pipeline, trigger, input, createdAt, parent } = this.#facts;
    const data = { pipeline, trigger_type: trigger, input: input.data, parent_execution_id: parent };
    this.#feed.emit({ id: `${id}-start`, run: id, pipeline, type: "execution.started", atMs: createdAt, data });
  }

  step(record: StepRecord): void {
    const { name, type, seq, status, phase, output, error, startedAt, finishedAt } = record;
    this.#comeTo(record);
    const step = { step_name: name };
    const failure = error === undefined ? undefined : messageOf(error);
    if (phase === "compensation" && this.#compensation === "none") {
      this.#compensation = "succeeding";
      this.#tell("saga.compensating", startedAt, { pipeline: this.#facts.pipeline });
    }
    const isRun = status !== "skipped" || error !== undefined;
    const stepType = phase === "compensation" ? "compensation" : type;
    if (isRun) this.#tell("step.started", startedAt, { ...step, step_type: stepType, index: seq });
    if (output !== undefined && isRun) this.#tell("step.output_recorded", finishedAt, { ...step, output });
    const elapsed = formatDuration(finishedAt - startedAt);
    switch (status) {
      case "completed":
        if (phase === "compensation") this.#tell("step.compensated", finishedAt, step);
        else this.#tell("step.completed", finishedAt, { ...step, elapsed });
        return;
      case "failed":
        if (phase === "compensation") this.#compensation = "failed";
        this.#tell("step.failed", finishedAt, { ...step, error: failure, elapsed });
        return;
      case "skipped":
        this.#tell("step.skipped", finishedAt, { ...step, reason: failure ?? "its condition does not hold" });
    }
  }

  end({ status, finishedAt, error }: RunEnd): void {
    this.begin();
    const { pipeline, createdAt } = this.#facts;
    if (this.#compensation === "succeeding") this.#tell("saga.compensated", finishedAt, { pipeline });
    const elapsed = formatDuration(finishedAt - createdAt);
    const failure = error === undefined ? {} : { error: messageOf(error) };
    const strategy = this.#compensation === "none" ? {} : { strategy: "compensate" };
    this.#tell(`execution.${status}`, finishedAt, { pipeline, elapsed, ...failure, ...strategy });
  }

  /** Tells how the run came to a step: from its beginning, by a route, or again after its process had ended. */
  #comeTo({ name, phase, nextIndex, startedAt, finishedAt }: StepRecord): void {
    const { isFirst, attempt } = this.#part;
    if (this.#told === 0 && !isFirst && attempt > 1) {
      this.#tell("retry.attempted", startedAt, { step_name: name, attempt });
    }
    this.begin();
    if (phase === "compensation") return;
    const left = this.#left;
    if (left !== undefined && left.index >= 0 && left.nextIndex !== left.index + 1) {
      this.#tell("conditional.routed", left.atMs, { step_name: left.name, route: name });
    }
    // Where a run goes on that was put aside is not known here.
    const index = left === undefined ? (isFirst ? 0 : -1) : left.nextIndex;
    this.#left = { name, index, nextIndex, atMs: finishedAt };
  }

  #tell(type: RunEventType, atMs: number, data: Readonly<Record<string, unknown>>): void {
    const { id: run, pipeline } = this.#facts;
    this.#told++;
    this.#feed.emit({ id: `${run}-${this.#part.token}-${this.#told}`, run, pipeline, type, atMs, data });
  }
}
