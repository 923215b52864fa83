import { WorkflowError } from "../error/error.ts";
import type { Logger } from "../log/logger.ts";
import type { Exchange } from "../port/exchange.ts";
import type { Checkpoint, Frame, Wake } from "../port/frame.ts";
import { requestFields } from "../port/request_fields.ts";
import type { RunWriter } from "../service/journal/run_writer.ts";
import { formatRfc3339 } from "../time/rfc3339.ts";
import { copyHiddenParts, hideRequestParts, type RequestPart } from "./request_part.ts";

/** What a run starts with. */
export interface FrameOptions {
  readonly pipeline: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly exchange: Exchange | undefined;
  readonly pattern: string;
  readonly parentSignal: AbortSignal | undefined;
  readonly log: Logger;
  readonly uuid: () => string;
  readonly startedAtMs: number;
  /** How many workflow calls lie between this run and the one that a trigger started. */
  readonly callDepth: number;
  /** Parts of the request that the pipeline reads by name. */
  readonly requestParts: readonly RequestPart[];
  /** Set for runs that go on after a restart. */
  readonly durable?: DurableFrame | undefined;
}

/** What a durable run knows beside what every run has. */
export interface DurableFrame {
  readonly id: string;
  /** The parts of a request that is long gone. */
  readonly requestValues?: Readonly<Record<string, unknown>> | undefined;
}

/** What a second view of a run has of its own. */
interface FrameView {
  readonly run: RunFrame;
  readonly current: Record<string, unknown>;
  readonly steps: Record<string, Record<string, unknown>>;
  readonly signal: AbortSignal | undefined;
  /** What tells the view from others of the same step. */
  readonly part: string;
}

/** State of one run, or a view of one. Lives on the run and never on the shared pipeline. */
export class RunFrame implements Frame {
  readonly trigger: Readonly<Record<string, unknown>>;
  readonly current: Record<string, unknown>;
  readonly steps: Record<string, Record<string, unknown>>;
  readonly exchange: Exchange | undefined;
  readonly pattern: string;
  readonly pipeline: string;
  readonly startedAtMs: number;
  readonly callDepth: number;
  /** Steps executed so far in this run. */
  executed = 0;
  /** Of the step that runs now. */
  checkpoint: Checkpoint | undefined;
  wake: Wake | undefined;
  /** Keeps what the steps do, for a run that is recorded. */
  writer: RunWriter | undefined;
  stepStartedAtMs = 0;
  readonly #options: FrameOptions;
  /** The frame of the run itself: identity, metadata and cancelling belong to all views of it. */
  readonly #run: RunFrame;
  readonly #limit: AbortSignal | undefined;
  readonly #part: string;
  #meta: Record<string, unknown> | undefined;
  #endings: ((error: unknown) => void)[] | undefined;
  #id: string | undefined;
  #controller: AbortController | undefined;

  constructor(options: FrameOptions, view?: FrameView) {
    this.#options = options;
    this.#run = view?.run ?? this;
    this.#limit = view?.signal;
    this.#part = view?.part ?? "";
    this.exchange = options.exchange;
    this.pattern = options.pattern;
    this.pipeline = options.pipeline;
    this.startedAtMs = options.startedAtMs;
    this.callDepth = options.callDepth;
    if (view !== undefined) {
      this.trigger = view.run.trigger;
      this.current = view.current;
      this.steps = view.steps;
      return;
    }
    this.current = { ...options.data };
    this.steps = {};
    const { exchange, requestParts, durable } = options;
    const source = exchange ?? durable?.requestValues;
    if (source === undefined || requestParts.length === 0) {
      this.trigger = options.data;
      return;
    }
    // A copy, because the caller's object is not ours to add to.
    this.trigger = { ...options.data };
    hideRequestParts(requestParts, source, [this.current, this.trigger]);
  }

  get meta(): Record<string, unknown> {
    const run = this.#run;
    run.#meta ??= makeMeta(this.#options);
    return run.#meta;
  }

  get runId(): string {
    const run = this.#run;
    run.#id ??= this.#options.durable?.id ?? this.#options.uuid();
    return run.#id;
  }

  get isDurable(): boolean {
    return this.#options.durable !== undefined;
  }

  get idempotencyKey(): string {
    return `${this.runId}/${this.#run.executed}${this.#part}`;
  }

  onEnd(callback: (error: unknown) => void): void {
    const run = this.#run;
    run.#endings ??= [];
    run.#endings.push(callback);
  }

  /** Tells those who asked that the run is over, or put aside. */
  end(error?: unknown): void {
    const endings = this.#endings;
    if (endings === undefined) return;
    this.#endings = undefined;
    for (const ending of endings) ending(error);
  }

  get log(): Logger {
    return this.#options.log;
  }

  get signal(): AbortSignal {
    return this.#limit ?? this.#run.ownController().signal;
  }

  /** Whether the run was cancelled; asking does not create a signal. */
  get isAborted(): boolean {
    const { parentSignal } = this.#options;
    return this.#run.#controller?.signal.aborted === true || parentSignal?.aborted === true;
  }

  get abortReason(): unknown {
    return this.#run.#controller?.signal.reason ?? this.#options.parentSignal?.reason;
  }

  abort(reason: WorkflowError): void {
    this.#run.ownController().abort(reason);
  }

  /** Whether something has asked for the metadata. */
  get hasMeta(): boolean {
    return this.#run.#meta !== undefined;
  }

  /** Notes the end of the run for whoever still holds the metadata. */
  complete(nowMs: number): void {
    const run = this.#run;
    if (run.#meta !== undefined) run.#meta.completed_at = formatRfc3339(nowMs);
  }

  /** Records an output under a step's name. Assigning `__proto__` would replace the prototype of the map. */
  record(step: string, output: Record<string, unknown>): void {
    if (step !== "__proto__") this.steps[step] = output;
  }

  /** Records a step's output under the step's name and lays it over the current values. */
  merge(step: string, output: Record<string, unknown>): void {
    this.record(step, output);
    const { current } = this;
    const { requestParts } = this.#options;
    if (requestParts.length > 0) {
      // A value of the run takes the place of the hidden part, and is not hidden itself.
      for (const part of requestParts) if (Object.hasOwn(output, part)) delete current[part];
    }
    mergeOutput(current, output);
  }

  fork(part?: string, signal?: AbortSignal): RunFrame {
    const current = { ...this.current };
    copyHiddenParts(this.#options.requestParts, this.current, current);
    const view = { run: this.#run, current, steps: { ...this.steps }, signal: signal ?? this.#limit };
    return new RunFrame(this.#options, { ...view, part: part === undefined ? this.#part : `${this.#part}/${part}` });
  }

  /** The same run as seen by a step with its own deadline. */
  limitedBy(signal: AbortSignal): RunFrame {
    const view = { run: this.#run, current: this.current, steps: this.steps, signal, part: this.#part };
    const limited = new RunFrame(this.#options, view);
    limited.checkpoint = this.checkpoint;
    limited.wake = this.wake;
    return limited;
  }

  /** Made when something asks for it: most runs never do. */
  private ownController(): AbortController {
    if (this.#controller !== undefined) return this.#controller;
    const controller = new AbortController();
    this.#controller = controller;
    // What is journaled is finished also for a client that no longer waits.
    const client = this.#options.durable === undefined ? this.exchange?.signal : undefined;
    for (const parent of [this.#options.parentSignal, client]) {
      if (parent === undefined) continue;
      if (parent.aborted) controller.abort(clientGone(parent.reason));
      else
        parent.addEventListener("abort", () => controller.abort(clientGone(parent.reason)), {
          once: true,
          signal: controller.signal,
        });
    }
    return controller;
  }
}

function clientGone(reason: unknown): WorkflowError {
  return reason instanceof WorkflowError ? reason : new WorkflowError("run.cancelled", "context canceled");
}

function makeMeta(options: FrameOptions): Record<string, unknown> {
  const meta: Record<string, unknown> = { pipeline: options.pipeline, started_at: formatRfc3339(options.startedAtMs) };
  if (options.pattern !== "") meta._route_pattern = options.pattern;
  if (options.exchange !== undefined) meta._http_request = requestFields(options.exchange);
  return meta;
}

/** Lays an output over the current values. `__proto__` would replace the prototype and is left out. */
function mergeOutput(current: Record<string, unknown>, output: Readonly<Record<string, unknown>>): void {
  for (const key in output) if (key !== "__proto__") current[key] = output[key];
}
