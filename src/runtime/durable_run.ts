import { messageOf, prefixed, WorkflowError } from "../error/error.ts";
import { isPlainMap, ownValue } from "../json/map.ts";
import type { Park, StepOutcome, Wake } from "../port/frame.ts";
import { StepCheckpoint } from "../service/journal/checkpoint.ts";
import { faultPoint } from "../service/journal/fault_point.ts";
import type { Journal, LiveRun } from "../service/journal/journal.ts";
import type { RunEnd, RunWriter } from "../service/journal/run_writer.ts";
import { formatDuration } from "../time/duration.ts";
import type { Compensating, Continuation } from "./continuation.ts";
import type { RunFrame } from "./frame.ts";
import { Interruption, isJournalFailure, isPutAside } from "./interruption.ts";
import { keptReply } from "./kept_reply.ts";
import {
  admit,
  afterCompensation,
  type BuiltStep,
  cancelled,
  isWanted,
  leave,
  type PipelineParts,
  skippedOutput,
  stepFailure,
} from "./step_flow.ts";

/** What a durable run is made of. */
export interface DurableRunOptions {
  readonly parts: PipelineParts;
  readonly frame: RunFrame;
  readonly writer: RunWriter;
  readonly journal: Journal;
  readonly isStrict: boolean;
  /** A failure with nobody waiting for it goes to the dead letters. */
  readonly isAwaited: boolean;
}

/** How a run left this process: with its values, or put aside to go on later. */
export type RunOutcome =
  { readonly kind: "completed"; readonly values: Record<string, unknown> } | { readonly kind: "parked" };

/** Waits that are spent in memory, in milliseconds: putting a run aside and taking it up again costs more. */
const briefMs = 1000;

/** Waits that a live request may spend in memory, in milliseconds. */
const requestWaitMs = 20_000;

/**
 * One run whose steps are committed as it goes. Before a step with effects everything so far is committed, and its own
 * outcome before the next step that looks outside begins: see `docs/guide/durable-runs.md`.
 */
export class DurableRun implements LiveRun {
  readonly id: string;
  readonly pipeline: string;
  readonly #options: DurableRunOptions;
  readonly #outcome = Promise.withResolvers<RunOutcome>();
  #hasUncommittedWrite = false;
  #wake: Wake | undefined;
  #signalId: string | undefined;
  /** For messages. */
  #stepName: string | undefined;

  constructor(options: DurableRunOptions) {
    this.#options = options;
    this.id = options.frame.runId;
    this.pipeline = options.parts.name;
    // Who started the run waits for it; a run that nobody waits for has its failure in the journal.
    this.#outcome.promise.catch(() => undefined);
  }

  /** Settles when this process is done with the run: it has ended, or was put aside. */
  get outcome(): Promise<RunOutcome> {
    return this.#outcome.promise;
  }

  cancel(reason: WorkflowError): void {
    this.#options.frame.abort(reason);
  }

  /** Runs from the beginning, or from where it was left. */
  async start(from?: Continuation): Promise<RunOutcome> {
    const { journal, frame } = this.#options;
    const drop = journal.hold(this);
    let failure: unknown;
    try {
      const outcome = await this.#run(from);
      this.#outcome.resolve(outcome);
      frame.end(outcome.kind === "parked" ? new WorkflowError("run.suspended", "the run waits") : undefined);
      return outcome;
    } catch (error) {
      failure = error instanceof Interruption ? error.failure : error;
      this.#outcome.reject(failure);
      throw failure;
    } finally {
      drop();
      if (failure !== undefined) frame.end(failure);
      if (failure instanceof WorkflowError && isPutAside(failure)) await this.#giveBack(failure);
    }
  }

  async #run(from: Continuation | undefined): Promise<RunOutcome> {
    this.#wake = from?.wake;
    this.#signalId = from?.signalId;
    if (from !== undefined) faultPoint("run.before_resumed_step");
    if (from?.compensating !== undefined) {
      throw await this.#compensate(from.compensating);
    }
    const index = from?.index ?? 0;
    if (from?.park !== undefined) {
      // Nothing that it waits for has come.
      this.#options.frame.executed++;
      return this.#putAside(from.park);
    }
    return this.#steps(index);
  }

  async #steps(from: number): Promise<RunOutcome> {
    const { parts, frame } = this.#options;
    let index = from;
    for (let step = parts.steps[index]; step !== undefined; step = parts.steps[index]) {
      const next = await this.#step(index, step);
      if (next === undefined) return { kind: "parked" };
      index = next;
    }
    const now = parts.clock.now();
    frame.complete(now);
    await this.#finish({ status: "completed", finishedAt: now });
    const level = frame.exchange === undefined ? "info" : "debug";
    parts.log.log(level, "Pipeline completed", { run: this.id, elapsed: formatDuration(now - frame.startedAtMs) });
    return { kind: "completed", values: frame.current };
  }

  /** Runs one step; the index of the one that follows, or undefined when the run was put aside. */
  async #step(index: number, step: BuiltStep): Promise<number | undefined> {
    const { parts, frame, writer, isStrict } = this.#options;
    try {
      admit(parts, step, frame);
    } catch (error) {
      throw await this.#end(error);
    }
    this.#stepName = step.name;
    const seq = frame.executed;
    const startedAt = parts.clock.now();
    const record = { seq, phase: "step", name: step.name, type: step.type, startedAt } as const;
    let outcome: StepOutcome;
    try {
      if (!isWanted(step, frame)) {
        const output = { _skipped: true };
        frame.record(step.name, output);
        writer.step({ ...record, status: "skipped", output, nextIndex: index + 1, finishedAt: startedAt });
        return index + 1;
      }
      if (step.effect === "write" || isStrict || (this.#hasUncommittedWrite && step.effect === "read")) {
        await this.#commit();
      }
      faultPoint("run.before_step");
      outcome = await this.#execute(step, seq);
      faultPoint("run.after_step");
    } catch (error) {
      return this.#recover(index, step, { thrown: error, record });
    }
    return outcome.park === undefined
      ? this.#leave(index, step, { outcome, record })
      : this.#wait(index, step, outcome.park);
  }

  async #execute(step: BuiltStep, seq: number): Promise<StepOutcome> {
    const { frame, writer, journal } = this.#options;
    frame.wake = this.#wake;
    const forced = ownValue(writer.facts.input.forced, step.name);
    if (forced !== undefined) return { output: isPlainMap(forced) ? forced : { value: forced } };
    if (step.effect !== "write") return step.run(frame);
    const done = writer.isResumed ? await journal.items(this.id, seq) : nothingDone;
    const checkpoint = new StepCheckpoint(writer, seq, done);
    frame.checkpoint = checkpoint;
    try {
      const outcome = await step.run(frame);
      await checkpoint.settled();
      return outcome;
    } finally {
      frame.checkpoint = undefined;
    }
  }

  async #leave(index: number, step: BuiltStep, { outcome, record }: Left): Promise<number> {
    const { parts, frame, writer } = this.#options;
    let nextIndex: number;
    try {
      nextIndex = leave(parts, index, step, { frame, outcome });
    } catch (error) {
      // It leads nowhere, which no strategy can help.
      throw await this.#end(error);
    }
    this.#endWait();
    const finishedAt = parts.clock.now();
    try {
      writer.step({ ...record, status: "completed", output: outcome.output ?? {}, nextIndex, finishedAt });
    } catch (error) {
      return this.#recover(index, step, { thrown: error, record });
    }
    if (step.effect === "write") this.#hasUncommittedWrite = true;
    return nextIndex;
  }

  /** The step that waited is over, one way or the other. */
  #endWait(): void {
    if (this.#wake === undefined) return;
    this.#options.writer.endWait(this.#signalId);
    this.#options.frame.wake = undefined;
    this.#wake = undefined;
    this.#signalId = undefined;
  }

  /** The index of the next step when the run goes on in spite of a failure; else throws the error of the run. */
  async #recover(index: number, step: BuiltStep, { thrown, record }: Thrown): Promise<number> {
    const { parts, frame, writer } = this.#options;
    if (thrown instanceof Interruption) throw thrown;
    if (isJournalFailure(thrown)) {
      throw new Interruption(prefixed(`run ${this.id}, step "${step.name}": `, thrown));
    }
    this.#endWait();
    if (frame.isAborted) throw await this.#end(cancelled(parts.name, frame));
    const failed = stepFailure(step, thrown, frame, parts.log);
    const row = { ...record, error: thrown, finishedAt: parts.clock.now() };
    if (step.strategy === "skip") {
      parts.log.warn("Skipping failed step", { run: this.id, step: step.name });
      const output = skippedOutput(thrown);
      frame.merge(step.name, output);
      writer.step({ ...row, status: "skipped", output, nextIndex: index + 1 });
      if (step.effect === "write") this.#hasUncommittedWrite = true;
      return index + 1;
    }
    writer.step({ ...row, status: "failed", nextIndex: index });
    if (step.strategy === "compensate") {
      await this.#guarded(writer.compensate(step.name, failed));
      throw await this.#compensate({ failure: failed, done: [], firstFailure: undefined });
    }
    throw await this.#end(failed, step.name);
  }

  /** Runs what of the compensation is not done, in reverse order, all of it even when a step fails. */
  async #compensate({ failure: failed, done, firstFailure: earlier }: Compensating): Promise<unknown> {
    const { parts, frame, writer } = this.#options;
    parts.log.info("Running compensation", { run: this.id, steps: parts.compensation.length - done.length });
    let firstFailure: unknown = earlier;
    const left = [...done];
    for (const [position, step] of [...parts.compensation.entries()].reverse()) {
      const known = left.indexOf(step.name);
      if (known >= 0) {
        left.splice(known, 1);
        continue;
      }
      frame.executed++;
      faultPoint("run.before_compensation_step");
      const startedAt = parts.clock.now();
      const { name, type } = step;
      const record = {
        seq: frame.executed,
        phase: "compensation",
        name,
        type,
        nextIndex: position,
        startedAt,
      } as const;
      try {
        const outcome = await this.#execute(step, frame.executed);
        faultPoint("run.after_compensation_step");
        writer.step({ ...record, status: "completed", output: outcome.output ?? {}, finishedAt: parts.clock.now() });
      } catch (error) {
        if (error instanceof Interruption || isPutAside(frame.abortReason)) throw error;
        firstFailure ??= error;
        parts.log.error("Compensation step failed", { run: this.id, step: step.name, error: messageOf(error) });
        writer.step({ ...record, status: "failed", error, finishedAt: parts.clock.now() });
      }
      await this.#commit();
    }
    const failure = afterCompensation(failed, firstFailure);
    return this.#end(failure);
  }

  /** Waits in memory for moments, and puts the run aside for anything longer. */
  async #wait(index: number, step: BuiltStep, park: Park): Promise<number | undefined> {
    const { parts, frame, writer } = this.#options;
    const waitMs = (park.wakeAtMs ?? Number.POSITIVE_INFINITY) - parts.clock.now();
    const inMemoryMs = frame.exchange === undefined ? briefMs : requestWaitMs;
    if (park.signal !== undefined || waitMs > inMemoryMs) {
      await this.#putAside(park);
      return undefined;
    }
    await this.#guarded(writer.park(frame.executed, park, "running"));
    faultPoint("run.before_wait");
    try {
      if (waitMs > 0) await parts.clock.sleep(waitMs, frame.signal);
    } catch {
      throw await this.#end(cancelled(parts.name, frame));
    }
    faultPoint("run.after_wait");
    this.#wake = { kind: "timer" };
    frame.executed--;
    return this.#step(index, step);
  }

  async #putAside(park: Park): Promise<RunOutcome> {
    const { parts, frame, writer, journal } = this.#options;
    faultPoint("run.before_park");
    await this.#guarded(writer.park(frame.executed, park, "waiting"));
    faultPoint("run.after_park");
    parts.log.debug("Run waits", { run: this.id, until: park.wakeAtMs, signal: park.signal });
    if (park.wakeAtMs !== undefined) journal.expect(park.wakeAtMs);
    // It may have come before the run waited for it.
    if (park.signal !== undefined && (await journal.hasSignal(this.id, park.signal))) {
      await journal.wakeSignalled(this.id, park.signal);
    }
    return { kind: "parked" };
  }

  async #commit(): Promise<void> {
    await this.#guarded(this.#options.writer.commit());
    this.#hasUncommittedWrite = false;
  }

  /** Records how the run failed, unless it was only put aside, and gives the error. */
  async #end(error: unknown, failedStep?: string): Promise<unknown> {
    const { parts, frame, isAwaited } = this.#options;
    if (isPutAside(error) || isPutAside(frame.abortReason)) return error instanceof Error ? error : frame.abortReason;
    const finishedAt = parts.clock.now();
    const isCancelled = error instanceof WorkflowError && error.code === "run.cancelled";
    const step = failedStep ?? failedStepOf(error);
    const deadLetterId = isAwaited || isCancelled ? undefined : Bun.randomUUIDv7();
    await this.#finish({
      status: isCancelled ? "cancelled" : "failed",
      finishedAt,
      error,
      failedStep: step,
      deadLetterId,
    });
    return error;
  }

  async #finish(end: RunEnd): Promise<void> {
    const { frame, writer } = this.#options;
    const { exchange } = frame;
    const isRepeatable = writer.facts.idempotencyKey !== undefined;
    const response = isRepeatable && exchange !== undefined ? keptReply(exchange) : undefined;
    faultPoint("run.before_end");
    await this.#guarded(writer.finish({ ...end, response }));
    faultPoint("run.after_end");
  }

  /** Failures of the journal are no failures of the run. */
  async #guarded(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      if (!isJournalFailure(error)) throw error;
      const { frame, parts } = this.#options;
      const failure = error.code === "run.lost" && frame.isAborted ? cancelled(parts.name, frame) : error;
      const where = this.#stepName === undefined ? "" : `, step "${this.#stepName}"`;
      throw new Interruption(prefixed(`run ${this.id}${where}: `, failure));
    }
  }

  /** The run goes on later: in another generation, or when the store can be written again. */
  async #giveBack(failure: WorkflowError): Promise<void> {
    const { journal, parts, frame, writer } = this.#options;
    try {
      // A client is told that its request failed; everything else has been taken over from whoever started the run.
      if (failure.code === "run.suspended" && frame.exchange === undefined) await writer.commit();
      await journal.release(this.id);
    } catch (error) {
      parts.log.error("A run could not be given back; it is resumed when the store can be written again", {
        run: this.id,
        error: messageOf(error),
      });
      journal.retryLater(this.id);
    }
  }
}

interface Left {
  readonly outcome: StepOutcome;
  readonly record: Begun;
}

interface Thrown {
  readonly thrown: unknown;
  readonly record: Begun;
}

interface Begun {
  readonly seq: number;
  readonly phase: "step";
  readonly name: string;
  readonly type: string;
  readonly startedAt: number;
}

const nothingDone: ReadonlyMap<number, Record<string, unknown>> = new Map();

function failedStepOf(error: unknown): string | undefined {
  return error instanceof WorkflowError ? /^step "([^"]+)" failed/.exec(error.message)?.[1] : undefined;
}
