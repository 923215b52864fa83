import { messageOf } from "../../../error/error.ts";
import type { Logger } from "../../../log/logger.ts";
import type { OutboundAnswer } from "../../../net/outbound.ts";
import {
  backoffMs,
  isPassingFailure,
  isPassingStatus,
  isRepeatable,
  retryAfterMs,
} from "../../../net/outbound_retry.ts";
import type { Clock } from "../../../time/clock.ts";
import { formatDuration } from "../../../time/duration.ts";
import type { Call, Send } from "./send.ts";

/** How often and when a call is tried again. */
export interface RepeatOptions {
  readonly attemptsMax: number;
  readonly backoffMs: number;
  readonly backoffMsMax: number;
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
}

/** What one call is given beside its request. */
export interface RepeatContext {
  /** When the whole call has to be over, on the monotonic clock. */
  readonly deadlineMs: number;
  readonly log: Logger;
}

type Outcome =
  | { readonly answer: OutboundAnswer; readonly failure?: undefined }
  | { readonly answer?: undefined; readonly failure: unknown };

/**
 * Sends a request until its answer is good or final, the attempts are used up, or the next one would come after the
 * deadline. Gives or throws what came of the last attempt.
 */
export async function sendRepeatedly(
  send: Send,
  request: Call,
  options: RepeatOptions & RepeatContext,
): Promise<OutboundAnswer> {
  const { attemptsMax, clock, deadlineMs, log } = options;
  const attempts = isRepeatable(request.method, request.headers) ? attemptsMax : 1;
  for (let attempt = 1; ; attempt++) {
    const outcome = await tried(send, request);
    const waitMs = attempt < attempts ? waitBefore(attempt + 1, outcome, options) : undefined;
    const isInTime = waitMs !== undefined && clock.monotonic() + waitMs < deadlineMs;
    if (!isInTime || request.signal.aborted) return resultOf(outcome);
    const reason = outcome.answer === undefined ? messageOf(outcome.failure) : `HTTP ${outcome.answer.status}`;
    log.warn("Call failed, trying again", { attempt, error: reason, delay: formatDuration(waitMs) });
    await clock.sleep(waitMs, request.signal);
  }
}

async function tried(send: Send, request: Call): Promise<Outcome> {
  try {
    return { answer: await send(request) };
  } catch (failure) {
    return { failure };
  }
}

function resultOf({ answer, failure }: Outcome): OutboundAnswer {
  if (answer === undefined) throw failure;
  return answer;
}

/** Milliseconds until the attempt of that number; undefined when another one would not go better. */
function waitBefore(attempt: number, { answer, failure }: Outcome, options: RepeatOptions): number | undefined {
  const isPassing = answer === undefined ? isPassingFailure(failure) : isPassingStatus(answer.status);
  if (!isPassing) return undefined;
  const { backoffMs: firstMs, backoffMsMax: maxMs, random, clock } = options;
  const asked = answer === undefined ? undefined : retryAfterMs(answer.headers, clock);
  return asked ?? backoffMs(attempt - 1, { firstMs, maxMs, random });
}
