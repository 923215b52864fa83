import type { StepContext } from "../define/definition.ts";
import { messageOf, placed, prefixed, WorkflowError } from "../error/error.ts";
import { asMap } from "../json/map.ts";
import type { Logger } from "../log/logger.ts";
import type { RunStep, StepOutcome, StepTarget } from "../port/frame.ts";
import type { AcceptedRun, Pipeline, RunOptions } from "../port/pipeline.ts";
import type { RuntimeServices } from "../port/runtime.ts";
import type { PlannedPipeline } from "../plan/pipeline.ts";
import type { CheckedStep } from "../plan/step.ts";
import { child, scalarText, writtenValue } from "../schema/node.ts";
import { type ConcurrencyGate, ConcurrencyGates } from "../service/journal/concurrency.ts";
import type { Journal, ResumedRun } from "../service/journal/journal.ts";
import type { Definition, RunEnd, RunWriter } from "../service/journal/run_writer.ts";
import { formatDuration } from "../time/duration.ts";
import { DetachedRuns } from "./detached_run.ts";
import { DurablePipeline } from "./durable_pipeline.ts";
import { RunFrame } from "./frame.ts";
import { keptRequestParts, type RequestPart, requestPartsOf } from "./request_part.ts";
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
import { withDeadline, withRetry } from "./step_run.ts";

type RunResult = Record<string, unknown> | Promise<Record<string, unknown>>;

/** What pipelines run with. Without a journal, nothing is recorded and nothing is durable. */
export type PipelineServices = RuntimeServices & { readonly journal?: Journal | undefined };

/** A pipeline that is ready to run. Runs share nothing but this; their state is on the frame. */
export class BuiltPipeline implements Pipeline {
  readonly name: string;
  readonly pattern: string | undefined;
  readonly #plan: PlannedPipeline;
  readonly #runtime: PipelineServices;
  readonly #log: Logger;
  readonly #detached: DetachedRuns;
  readonly #requestParts: readonly RequestPart[];
  readonly #gate: ConcurrencyGate | undefined;
  #lazyDurable: DurablePipeline | undefined;
  #parts: PipelineParts;
  #definition: Definition | undefined;

  constructor(plan: PlannedPipeline, runtime: PipelineServices) {
    this.name = plan.name;
    this.pattern = scalarText(child(child(plan.trigger, "config"), "path"));
    this.#plan = plan;
    this.#runtime = runtime;
    this.#log = runtime.log.child({ pipeline: plan.name });
    this.#detached = new DetachedRuns(plan.name, this.#log);
    this.#requestParts = requestPartsOf([...plan.steps, ...plan.compensation]);
    const { concurrency } = plan;
    this.#gate =
      concurrency === undefined ? undefined : (runtime.journal?.gates ?? new ConcurrencyGates()).of(plan.name, concurrency);
    this.#parts = { name: plan.name, log: this.#log, clock: runtime.clock, steps: [], compensation: [] };
  }

  /** Builds the steps. Apart from construction, so that steps can refer to pipelines that come later. */
  build(): void {
    this.#parts = {
      ...this.#parts,
      steps: this.#plan.steps.map((step) => this.#buildStep(step)),
      compensation: this.#plan.compensation.map((step) => this.#buildStep(step)),
    };
  }

  #buildStep(step: CheckedStep): BuiltStep {
    let run = this.#construct(step);
    const { wrapStep } = this.#runtime;
    if (wrapStep !== undefined) run = wrapStep(this.name, step.name, run);
    if (step.timeoutMs !== undefined) run = withDeadline(run, step.timeoutMs, step.name, this.#runtime.clock);
    if (step.retry !== undefined) run = withRetry(run, step.retry, step.name, this.#runtime.clock);
    const { name, type, effect, condition } = step;
    return { name, type, effect, run, strategy: step.strategy ?? this.#plan.strategy, condition };
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

  /** The durable side of the pipeline; made when it is first needed. */
  #durableSide(): DurablePipeline | undefined {
    const { journal } = this.#runtime;
    return journal === undefined || this.#plan.durability === "none" ? undefined : this.#durablePipeline(journal);
  }

  #durablePipeline(journal: Journal): DurablePipeline {
    this.#lazyDurable ??= new DurablePipeline({
      parts: this.#parts,
      journal,
      isStrict: this.#plan.durability === "strict",
      timeoutMs: this.#plan.timeoutMs,
      requestParts: this.#requestParts,
      definition: () => this.definition,
      gate: this.#gate,
    });
    return this.#lazyDurable;
  }

  get acceptProblem(): string | undefined {
    if (this.#plan.durability === "none") return `pipeline "${this.name}" has \`durability: none\``;
    return this.#runtime.journal === undefined ? "there is no journal" : undefined;
  }

  /** What identifies the pipeline's steps across processes and configurations; no secret is in it. */
  get definition(): Definition {
    this.#definition ??= definitionOf(this.#plan);
    return this.#definition;
  }

  /** Whether a run survives the process. HTTP requests are answered or not; everything else has to happen. */
  #isDurable({ exchange, parent }: RunOptions): boolean {
    const { durability, strategy } = this.#plan;
    if (durability !== undefined) return durability !== "none";
    if (strategy === "compensate") return true;
    return parent === undefined ? exchange === undefined : parent.isDurable;
  }

  /** Runs the steps; completes without a promise when no step needs to be waited for. */
  run(data: Record<string, unknown>, options: RunOptions): RunResult {
    return this.#gate === undefined ? this.#run(data, options) : this.#runInTurn(this.#gate, data, options);
  }

  /** Runs when it is its turn, as the limit of runs under way has it. */
  async #runInTurn(
    gate: ConcurrencyGate,
    data: Record<string, unknown>,
    options: RunOptions,
  ): Promise<Record<string, unknown>> {
    const concurrencyKey = this.#concurrencyKey(data);
    const waiting = options.signal ?? options.exchange?.signal;
    const slot = await gate.enter(concurrencyKey, waiting);
    const signal = options.signal === undefined ? slot.signal : AbortSignal.any([options.signal, slot.signal]);
    try {
      return await this.#run(data, { ...options, signal, concurrencyKey });
    } finally {
      slot.leave();
    }
  }

  #concurrencyKey(data: Record<string, unknown>): string {
    const key = this.#plan.concurrency?.key;
    return key === undefined ? "" : key.render({ current: data, trigger: data, steps: {}, meta: {} });
  }

  #run(data: Record<string, unknown>, options: RunOptions): RunResult {
    const durable = this.#isDurable(options) ? this.#durableSide() : undefined;
    if (durable !== undefined) return durable.run(data, options);
    const runtime = this.#runtime;
    const startedAtMs = runtime.clock.now();
    const isRecorded = runtime.journal?.background.admit() === true;
    const frame = new RunFrame({
      pipeline: this.name,
      data,
      exchange: options.exchange,
      pattern: options.pattern ?? "",
      parentSignal: options.signal,
      log: this.#log,
      uuid: isRecorded ? newRunId : runtime.uuid,
      startedAtMs,
      callDepth: options.callDepth ?? 0,
      requestParts: this.#requestParts,
    });
    if (isRecorded) frame.writer = this.#recording(frame, data, options);
    if (this.#log.isDebug) this.#log.debug("Pipeline started", { run: frame.runId, steps: this.#parts.steps.length });
    const { timeoutMs } = this.#plan;
    return timeoutMs === undefined ? this.#advance(frame, 0) : this.#runWithin(frame, timeoutMs);
  }

  #recording(frame: RunFrame, data: Record<string, unknown>, options: RunOptions): RunWriter | undefined {
    const { exchange, pattern, trigger, callDepth, parent } = options;
    return this.#runtime.journal?.background.begin({
      id: frame.runId,
      pipeline: this.name,
      definition: this.definition,
      trigger,
      durability: "none",
      input: { data, request: keptRequestParts(this.#requestParts, exchange), pattern, callDepth },
      createdAt: frame.startedAtMs,
      parent: parent?.runId,
    });
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

  async runDetached(data: Record<string, unknown>, options: Omit<RunOptions, "exchange" | "signal">): Promise<void> {
    const durable = this.#plan.durability === "none" ? undefined : this.#durableSide();
    if (durable !== undefined) {
      await this.accept(data, options);
      return;
    }
    this.#detached.start(async (signal) => this.run(data, { ...options, exchange: undefined, signal }));
  }

  async accept(data: Record<string, unknown>, options: Omit<RunOptions, "signal">): Promise<AcceptedRun> {
    const durable = this.#durableSide();
    const concurrencyKey = this.#gate === undefined ? undefined : this.#concurrencyKey(data);
    if (durable !== undefined) return durable.accept(data, { ...options, concurrencyKey });
    throw new WorkflowError("run.not_durable", `a run cannot be accepted: ${this.acceptProblem ?? "it is not durable"}`);
  }

  /** Goes on with a run that was begun with the same definition, or that replays one. */
  resume(resumed: ResumedRun): void {
    const { journal } = this.#runtime;
    if (journal !== undefined) this.#durablePipeline(journal).resume(resumed);
  }

  /** Position of the last step of a name; -1 without one. */
  stepIndex(name: string): number {
    return this.#parts.steps.findLastIndex((step) => step.name === name);
  }

  /** Waits for the runs that nobody waits for; those left when the signal aborts are cancelled, or put aside. */
  async drain(deadline: AbortSignal): Promise<void> {
    await Promise.all([this.#detached.drain(deadline), this.#lazyDurable?.drain(deadline)]);
  }

  /** Runs from a step on, until the end or until a step has to be waited for. */
  #advance(frame: RunFrame, from: number): RunResult {
    const parts = this.#parts;
    const { steps } = parts;
    let index = from;
    for (let step = steps[index]; step !== undefined; step = steps[index]) {
      let result: StepOutcome | Promise<StepOutcome>;
      try {
        admit(parts, step, frame);
        if (frame.writer !== undefined) frame.stepStartedAtMs = this.#runtime.clock.now();
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
    return this.#advance(frame, this.#leave(frame, index, step, outcome));
  }

  /** Without a journal, a wait is spent in memory. */
  async #pause(frame: RunFrame, index: number, wakeAtMs: number): Promise<Record<string, unknown>> {
    const { clock } = this.#runtime;
    await clock.sleep(Math.max(0, wakeAtMs - clock.now()), frame.signal);
    frame.wake = { kind: "timer" };
    return this.#advance(frame, index);
  }

  async #recover(frame: RunFrame, index: number, step: BuiltStep, error: unknown): Promise<Record<string, unknown>> {
    await this.#onFailure(step, { thrown: error, index }, frame);
    return this.#advance(frame, index + 1);
  }

  #leave(frame: RunFrame, index: number, step: BuiltStep, outcome: StepOutcome): number {
    frame.wake = undefined;
    let nextIndex: number;
    try {
      nextIndex = leave(this.#parts, index, step, { frame, outcome });
    } catch (error) {
      throw this.#failed(frame, error);
    }
    this.#note(frame, step, { status: "completed", output: outcome.output ?? {}, nextIndex });
    return nextIndex;
  }

  #finish(frame: RunFrame): void {
    const now = this.#runtime.clock.now();
    frame.complete(now);
    this.#close(frame, { status: "completed", finishedAt: now });
    // Runs that answer a request have their line in the request log.
    const level = frame.exchange === undefined ? "info" : "debug";
    if (!this.#log.isEnabled(level)) return;
    this.#log.log(level, "Pipeline completed", { run: frame.runId, elapsed: formatDuration(now - frame.startedAtMs) });
  }

  /** Records how the run failed, and gives the error back. */
  #failed(frame: RunFrame, error: unknown, failedStep?: string): unknown {
    const isCancelled = error instanceof WorkflowError && error.code === "run.cancelled";
    const finishedAt = this.#runtime.clock.now();
    this.#close(frame, { status: isCancelled ? "cancelled" : "failed", finishedAt, error, failedStep });
    return error;
  }

  #close(frame: RunFrame, end: RunEnd): void {
    const { writer } = frame;
    if (writer !== undefined) this.#runtime.journal?.background.finish(writer, end);
    frame.end(end.error);
  }

  /** Notes what a step did, for a run that is recorded. */
  #note(frame: RunFrame, step: BuiltStep, what: StepNote): void {
    const { writer } = frame;
    if (writer === undefined) return;
    const { name, type } = step;
    const times = { startedAt: frame.stepStartedAtMs, finishedAt: this.#runtime.clock.now() };
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
    const failed = stepFailure(step, thrown, frame, this.#log);
    switch (step.strategy) {
      case "stop":
        this.#note(frame, step, { status: "failed", error: thrown, nextIndex: index });
        throw this.#failed(frame, failed, step.name);
      case "skip": {
        this.#log.warn("Skipping failed step", { run: frame.runId, step: step.name });
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
    this.#log.info("Running compensation", { run: frame.runId, steps: compensation.length });
    let firstFailure: unknown;
    for (const [position, step] of [...compensation.entries()].reverse()) {
      frame.executed++;
      frame.stepStartedAtMs = this.#runtime.clock.now();
      const what = { phase: "compensation", nextIndex: position } as const;
      try {
        const { output = {} } = await step.run(frame);
        this.#note(frame, step, { ...what, status: "completed", output });
      } catch (error) {
        firstFailure ??= error;
        this.#log.error("Compensation step failed", { run: frame.runId, step: step.name, error: messageOf(error) });
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

/** Ids of runs are in the order of their beginnings (RFC 9562 §5.7). */
function newRunId(): string {
  return Bun.randomUUIDv7();
}

/** Keys of a pipeline that do not change what its steps do. */
const outerKeys: ReadonlySet<string> = new Set(["trigger", "name", "description", "ui", "concurrency"]);

function definitionOf({ node }: PlannedPipeline): Definition {
  const entries = [...node.entries].filter(([key]) => !outerKeys.has(key));
  const source = JSON.stringify(Object.fromEntries(entries.map(([key, { value }]) => [key, writtenValue(value)])));
  return { source, hash: new Bun.CryptoHasher("sha256").update(source).digest("hex") };
}
