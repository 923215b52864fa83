/** Where a dead letter is. */
export type DeadLetterStatus = "pending" | "retrying" | "resolved" | "discarded";

const statuses: readonly DeadLetterStatus[] = ["pending", "retrying", "resolved", "discarded"];

/** The status of a text; undefined for anything else. */
export function deadLetterStatus(text: unknown): DeadLetterStatus | undefined {
  return statuses.find((status) => status === text);
}

/** A failed run that nobody waited for, as it is shown. Times are RFC 3339. */
export interface DeadLetterEntry {
  readonly id: string;
  readonly original_event: unknown;
  readonly pipeline_name: string;
  readonly step_name: string;
  readonly error_message: string;
  readonly error_type: string;
  readonly retry_count: number;
  /** Absent when retries are not limited. */
  readonly max_retries?: number | undefined;
  readonly status: DeadLetterStatus;
  readonly created_at: string;
  readonly updated_at: string;
  readonly resolved_at?: string | undefined;
  readonly metadata: { readonly execution_id: string };
}

/** Which dead letters are listed. */
export interface DeadLetterQuery {
  readonly pipeline?: string | undefined;
  readonly step?: string | undefined;
  readonly status?: DeadLetterStatus | undefined;
  /** Code of the error. */
  readonly errorCode?: string | undefined;
  readonly limit: number;
  readonly offset: number;
}

/** What people do with dead letters. An id that belongs to none makes every method throw `run.not_found`. */
export interface DeadLetterDesk {
  /** Dead letters, the newest first, and how many there are on all pages. */
  list(query: DeadLetterQuery): Promise<{ readonly entries: readonly DeadLetterEntry[]; readonly total: number }>;
  counts(): Promise<{ readonly total: number; readonly byStatus: Readonly<Record<DeadLetterStatus, number>> }>;
  entry(id: string): Promise<DeadLetterEntry>;
  /** Runs it again from the failed step, with the present definition; gives the run's id. Throws 409 if it may not. */
  retry(id: string): Promise<string>;
  /** Marks it as done. Throws 409 when it is already. */
  close(id: string, status: "discarded" | "resolved"): Promise<void>;
  /** Removes closed ones that nothing has happened to for a time; gives how many. */
  purge(olderThanMs: number): Promise<number>;
  /** Limits how often one is retried; of several limits the lowest holds. The function given back lifts it. */
  limitRetries(max: number): () => void;
}
