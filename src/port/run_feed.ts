/** What happens in a run. */
export type RunEventType =
  | "execution.started"
  | "execution.completed"
  | "execution.failed"
  | "execution.cancelled"
  | "execution.replay"
  | "step.started"
  | "step.output_recorded"
  | "step.completed"
  | "step.failed"
  | "step.skipped"
  | "step.compensated"
  | "conditional.routed"
  | "retry.attempted"
  | "saga.compensating"
  | "saga.compensated";

/** One thing that happened in a run. */
export interface RunEvent {
  /** The same for the same event, whoever hears of it. */
  readonly id: string;
  readonly run: string;
  readonly pipeline: string;
  readonly type: RunEventType;
  /** Epoch milliseconds. */
  readonly atMs: number;
  /** Values of the run: read them before the listener returns, the run goes on changing them. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** The events of every recorded run of the process. A run that began when nobody listened tells none. */
export interface RunFeed {
  /** The listener must not throw. The function given back ends the subscription. */
  subscribe(listener: (event: RunEvent) => void): () => void;
}
