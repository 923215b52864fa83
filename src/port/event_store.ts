import { definePort } from "../schema/field.ts";

/** An event of a run as it is kept. */
export interface StoredEvent {
  readonly id: string;
  readonly execution_id: string;
  /** Counts the events of the run, from 1. */
  readonly sequence_num: number;
  readonly event_type: string;
  readonly event_data: Readonly<Record<string, unknown>>;
  /** RFC 3339. */
  readonly created_at: string;
}

/** Which executions are listed. */
export interface ExecutionFilter {
  readonly pipeline?: string | undefined;
  readonly status?: "running" | "completed" | "failed" | "cancelled" | undefined;
  readonly limit: number;
  readonly offset: number;
}

/** Keeps the events of runs. */
export interface EventStore {
  /** The events of a run in their order; none for a run that is not known. */
  events(run: string): Promise<readonly StoredEvent[]>;
  /** The events of each execution, the newest execution first. */
  executions(filter: ExecutionFilter): Promise<readonly (readonly StoredEvent[])[]>;
}
export const EventStore = definePort<EventStore>("event_store", "an event store");
