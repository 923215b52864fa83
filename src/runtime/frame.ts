import { WorkflowError } from "../error/error.ts";
import type { Logger } from "../log/logger.ts";
import type { Exchange } from "../port/exchange.ts";
import type { Frame } from "../port/frame.ts";
import { requestFields } from "../port/request_fields.ts";
import { formatRfc3339 } from "../time/rfc3339.ts";

export interface FrameOptions {
  readonly pipeline: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly exchange: Exchange | undefined;
  readonly pattern: string;
  readonly parentSignal: AbortSignal | undefined;
  readonly log: Logger;
  readonly uuid: () => string;
  readonly startedAtMs: number;
}

/** State of one run. Lives on the run and never on the shared pipeline. */
export class RunFrame implements Frame {
  readonly trigger: Readonly<Record<string, unknown>>;
  readonly current: Record<string, unknown>;
  readonly steps: Record<string, Record<string, unknown>>;
  readonly exchange: Exchange | undefined;
  readonly pattern: string;
  readonly pipeline: string;
  readonly startedAtMs: number;
  /** Steps executed so far in this run. */
  executed = 0;
  // Plain fields, not #private ones: a step with its own timeout sees the frame through an object made from it.
  private readonly options: FrameOptions;
  private lazyMeta: Record<string, unknown> | undefined;
  private lazyId: string | undefined;
  private controller: AbortController | undefined;

  constructor(options: FrameOptions, copyOf?: RunFrame) {
    this.options = options;
    this.trigger = options.data;
    this.current = copyOf === undefined ? { ...options.data } : { ...copyOf.current };
    this.steps = copyOf === undefined ? {} : { ...copyOf.steps };
    this.exchange = options.exchange;
    this.pattern = options.pattern;
    this.pipeline = options.pipeline;
    this.startedAtMs = options.startedAtMs;
    if (copyOf !== undefined) {
      this.lazyMeta = copyOf.meta;
      this.lazyId = copyOf.runId;
      this.controller = copyOf.ownController();
    }
  }

  get meta(): Record<string, unknown> {
    this.lazyMeta ??= makeMeta(this.options);
    return this.lazyMeta;
  }

  get runId(): string {
    this.lazyId ??= this.options.uuid();
    return this.lazyId;
  }

  get log(): Logger {
    return this.options.log;
  }

  get signal(): AbortSignal {
    return this.ownController().signal;
  }

  /** Whether the run was cancelled; asking does not create a signal. */
  get isAborted(): boolean {
    return this.controller?.signal.aborted === true || this.options.parentSignal?.aborted === true;
  }

  get abortReason(): unknown {
    return this.controller?.signal.reason ?? this.options.parentSignal?.reason;
  }

  abort(reason: WorkflowError): void {
    this.ownController().abort(reason);
  }

  /** Notes the end of the run for whoever still holds the metadata. */
  complete(nowMs: number): void {
    if (this.lazyMeta !== undefined) this.lazyMeta.completed_at = formatRfc3339(nowMs);
  }

  fork(): RunFrame {
    return new RunFrame(this.options, this);
  }

  /** The same run as seen by a step with its own deadline. */
  limitedBy(signal: AbortSignal): Frame {
    return Object.create(this, { signal: { value: signal } });
  }

  private ownController(): AbortController {
    if (this.controller !== undefined) return this.controller;
    const controller = new AbortController();
    this.controller = controller;
    for (const parent of [this.options.parentSignal, this.exchange?.signal]) {
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

/** Lays a step's output over the current values. `__proto__` would replace the prototype and is left out. */
export function mergeOutput(current: Record<string, unknown>, output: Readonly<Record<string, unknown>>): void {
  for (const key in output) if (key !== "__proto__") current[key] = output[key];
}
