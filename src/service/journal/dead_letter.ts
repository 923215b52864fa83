import { type DeadLetterStatus, deadLetterStatus } from "../../port/dead_letter.ts";
import type { StoreRow } from "../store/statement.ts";

/** A failed run that nobody waited for. Times are epoch milliseconds. */
export interface DeadLetter {
  readonly id: string;
  readonly run: string;
  readonly pipeline: string;
  readonly step: string;
  readonly error: string;
  readonly errorCode: string;
  /** Encoded input of the run, or the reference of a blob. */
  readonly payload: string;
  readonly status: DeadLetterStatus;
  readonly retryCount: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly resolvedAt: number | undefined;
}

/** Which dead letters are listed. */
export interface DeadLetterFilter {
  readonly pipeline?: string | undefined;
  readonly step?: string | undefined;
  readonly status?: DeadLetterStatus | undefined;
  readonly errorCode?: string | undefined;
  readonly limit?: number | undefined;
  readonly offset?: number | undefined;
}

/** Reads a row of `engine_dead_letter`. */
export function toDeadLetter(row: StoreRow): DeadLetter {
  return {
    id: String(row.id),
    run: String(row.run),
    pipeline: String(row.pipeline),
    step: String(row.step),
    error: String(row.error),
    errorCode: String(row.error_code),
    payload: String(row.payload),
    status: deadLetterStatus(row.status) ?? "pending",
    retryCount: Number(row.retry_count),
    createdAt: Number(row.created_at),
    updatedAt: Number(row.updated_at),
    resolvedAt: row.resolved_at === null || row.resolved_at === undefined ? undefined : Number(row.resolved_at),
  };
}
