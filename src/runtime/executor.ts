import type { StepContext } from "../define/definition.ts";
import { placed, prefixed, WorkflowError } from "../error/error.ts";
import { asMap } from "../json/map.ts";
import type { Logger } from "../log/logger.ts";
import type { RunStep, StepTarget } from "../port/frame.ts";
import type { AcceptedRun, Pipeline, RunOptions } from "../port/pipeline.ts";
import type { RuntimeServices } from "../port/runtime.ts";
import type { PlannedPipeline } from "../plan/pipeline.ts";
import type { CheckedStep } from "../plan/step.ts";
import { child, scalarText, writtenValue } from "../schema/node.ts";
import { type ConcurrencyGate, ConcurrencyGates } from "../service/journal/concurrency.ts";
import type { Journal, ResumedRun } from "../service/journal/journal.ts";
import type { Definition, RunWriter } from "../service/journal/run_writer.ts";
import { DetachedRuns } from "./detached_run.ts";
import { DurablePipeline } from "./durable_pipeline.ts";
import { RunFrame } from "./frame.ts";
import { keptRequestParts, type RequestPart, requestPartsOf } from "./request_part.ts";
import { PlainRunner, type RunResult } from "./plain_run.ts";
import type { BuiltStep, PipelineParts } from "./step_flow.ts";
import { withDeadline, withRetry } from "./step_run.ts";

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
  #plain: PlainRunner;
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
      concurrency === undefined
        ? undefined
        : (runtime.journal?.gates ?? new ConcurrencyGates()).of(plan.name, concurrency);
    this.#parts = { name: plan.name, log: this.#log, clock: runtime.clock, steps: [], compensation: [] };
    this.#plain = new PlainRunner(this.#parts, runtime.journal?.background);
  }

  /** Builds the steps. Apart from construction, so that steps can refer to pipelines that come later. */
  build(): void {
    this.#parts = {
      ...this.#parts,
      steps: this.#plan.steps.map((step) => this.#buildStep(step)),
      compensation: this.#plan.compensation.map((step) => this.#buildStep(step)),
    };
    this.#plain = new PlainRunner(this.#parts, this.#runtime.journal?.background);
  }

  #buildStep(step: CheckedStep): BuiltStep {
    let run = this.#construct(step);
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
    return timeoutMs === undefined ? this.#plain.advance(frame, 0) : this.#runWithin(frame, timeoutMs);
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
      return await this.#plain.advance(frame, 0);
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
    throw new WorkflowError(
      "run.not_durable",
      `a run cannot be accepted: ${this.acceptProblem ?? "it is not durable"}`,
    );
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
