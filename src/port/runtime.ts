import type { Position } from "../error/error.ts";
import type { Logger, LogRecord } from "../log/logger.ts";
import type { EgressPolicy } from "../net/egress.ts";
import type { Scope } from "../scope/scope.ts";
import type { Clock } from "../time/clock.ts";
import type { Exchange } from "./exchange.ts";
import type { Metrics } from "./metrics.ts";
import type { AcceptedRun, PipelineDirectory } from "./pipeline.ts";
import type { RunControl } from "./run_control.ts";
import type { RunFeed } from "./run_feed.ts";

/** Runs what a trigger names: a pipeline, a workflow section or a state machine. */
export interface WorkflowTarget {
  readonly workflow: string;
  readonly action: string;
  /** Runs it and gives the result. Emits lifecycle events, logs and metrics. Throws what failed. */
  run(
    data: Record<string, unknown>,
    options: TargetRunOptions,
  ): Promise<Record<string, unknown>> | Record<string, unknown>;
  /** Why runs cannot be accepted to run later; undefined when they can. Known once the generation is built. */
  acceptProblem(): string | undefined;
  /** Commits a run and starts it; resolves when it is sure to happen. Only runs of pipelines can be accepted. */
  accept(data: Record<string, unknown>, options: TargetRunOptions): Promise<AcceptedRun>;
}

/** What a triggered run is given beside its data. */
export interface TargetRunOptions {
  /** Makes a durable run happen once, such as a message's id or the time of a schedule. */
  readonly idempotencyKey?: string | undefined;
  readonly trigger: string;
  readonly exchange?: Exchange | undefined;
  readonly pattern?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Finds what triggers and cross-workflow calls name. */
export interface Dispatcher {
  /** Resolved once, when the generation is built; a target that does not exist fails when it is run. */
  target(
    workflow: string,
    action: string,
    written?: { readonly at?: Position; readonly params?: Readonly<Record<string, unknown>> },
  ): WorkflowTarget;
}

/** A receiver of events. */
export interface EventSubscription {
  /** Topic, or a pattern: `*` stands for one segment, and at the end for all that follow; `**` for any number. */
  readonly topic: string;
  readonly onEvent: (topic: string, payload: unknown) => void | Promise<void>;
  /** Delivered by a worker instead of inside `publish`. */
  readonly isAsync?: boolean;
}

/** The event bus inside the process. It exists in every generation. */
export interface EventBus {
  publish(topic: string, payload: unknown): Promise<void>;
  subscribe(subscription: EventSubscription): () => void;
  /** True when nobody subscribes to anything. */
  readonly isIdle: boolean;
  /** True when somebody would receive the topic: ask before building a payload. */
  hasSubscribers(topic: string): boolean;
}

/** How a module is doing. */
export interface HealthStatus {
  readonly status: "healthy" | "degraded" | "unhealthy";
  readonly message?: string;
}

/** Something that reports its health. Every module instance with `health` is one. */
export interface HealthBoard {
  /** Runs every check, each within `timeoutMs`. */
  check(timeoutMs: number): Promise<Readonly<Record<string, HealthStatus>>>;
  readonly isReady: boolean;
}

/** The records of the process's log. */
export interface LogStream {
  subscribe(sink: (record: LogRecord) => void): () => void;
}

/** What the engine gives every component beside its configuration. */
export interface RuntimeServices {
  readonly log: Logger;
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly uuid: () => string;
  readonly metrics: Metrics;
  readonly events: EventBus;
  readonly health: HealthBoard;
  readonly logs: LogStream;
  /** Which addresses calls to other services may reach; steps and modules extend it by what their settings allow. */
  readonly egress: EgressPolicy;
  readonly dispatcher: Dispatcher;
  readonly pipelines: PipelineDirectory;
  /** Directory of the main configuration file. */
  readonly configDir: string;
  /** Directory for data, `-data-dir`. */
  readonly dataDir: string;
  readonly version: string;
  /** Error details may be shown to clients (`-dev`). */
  readonly isDevelopment: boolean;
  /** What happens in runs; undefined where they are not recorded. */
  readonly runFeed?: RunFeed | undefined;
  /** What people do with recorded runs; undefined where they are not recorded. */
  readonly runControl?: RunControl | undefined;
}

/** A service by name, for the few components whose references cannot be fields. */
export interface ServiceDirectory {
  find(name: string): object | undefined;
  scope(): Scope;
}
