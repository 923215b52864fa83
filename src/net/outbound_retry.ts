import type { Clock } from "../time/clock.ts";
import { TransportFailure } from "./outbound.ts";

/** Statuses that say that the same request may be answered another time. */
const passingStatuses: ReadonlySet<number> = new Set([408, 425, 429, 502, 503, 504]);

/** Methods that may be repeated without harm (RFC 9110 §9.2.2). */
const idempotentMethods: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "PUT", "DELETE"]);

/** Whether a request may be sent twice: by its method, or because the receiver can tell a repetition. */
export function isRepeatable(method: string, headers: Headers): boolean {
  return idempotentMethods.has(method) || headers.has("idempotency-key");
}

/** Whether a status may be another one next time: 408, 425, 429, 502, 503 and 504. */
export function isPassingStatus(status: number): boolean {
  return passingStatuses.has(status);
}

/** Whether what was thrown may not happen another time: no connection, or no complete answer. */
export function isPassingFailure(error: unknown): boolean {
  for (let link = error; link instanceof Error; link = link.cause) if (link instanceof TransportFailure) return true;
  return false;
}

/** How the waits between attempts grow. */
export interface Backoff {
  /** First wait, in milliseconds; doubles with each attempt. */
  readonly firstMs: number;
  readonly maxMs: number;
  /** A number in [0, 1). */
  readonly random: () => number;
}

/**
 * The wait after the attempt of that number, counted from 1: between half of the step and all of it, so that a service
 * that comes back is not hit by everybody at once.
 */
export function backoffMs(attempt: number, { firstMs, maxMs, random }: Backoff): number {
  const step = Math.min(firstMs * 2 ** (attempt - 1), maxMs);
  return step / 2 + (step / 2) * random();
}

/** Milliseconds that an answer asks to wait (RFC 9110 §10.2.3: seconds or a date); undefined when it does not. */
export function retryAfterMs(headers: Headers, clock: Clock): number | undefined {
  const written = headers.get("retry-after")?.trim() ?? "";
  if (/^\d{1,9}$/.test(written)) return Number(written) * 1000;
  // Only dates as HTTP has them: the parser of the runtime also takes `-5` for a date.
  if (!/^[A-Z][a-z]+, /.test(written)) return undefined;
  const at = Date.parse(written);
  return Number.isNaN(at) ? undefined : Math.max(0, at - clock.now());
}
