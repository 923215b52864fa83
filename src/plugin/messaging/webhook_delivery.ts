import { messageOf, WorkflowError } from "../../error/error.ts";
import { type EgressPolicy, EgressRefused } from "../../net/egress.ts";
import { openOutbound } from "../../net/outbound.ts";
import { backoffMs, isPassingStatus, retryAfterMs } from "../../net/outbound_retry.ts";
import type { RuntimeServices } from "../../port/runtime.ts";
import type { WebhookDelivery, WebhookSender } from "../../port/webhook.ts";

/** Wait before the second attempt, in milliseconds; it doubles with each further one. */
const backoffMsFirst = 1000;

/** Longest wait between two attempts, in milliseconds. */
const backoffMsMax = 60_000;

/** Time for one answer, in milliseconds. */
const answerMs = 30_000;

/** Longest wait that a receiver may ask for, in milliseconds; whoever asks for more is asked again then. */
const askedMsMax = 300_000;

/** How a sender delivers. */
export interface WebhookOptions {
  readonly retries: number;
  readonly deadLettersMax: number;
  readonly method: string;
  /** Where deliveries may go. */
  readonly egress: EgressPolicy;
  readonly runtime: Pick<RuntimeServices, "clock" | "random" | "log" | "uuid">;
}

/** What an attempt that failed says about the next one. */
class DeliveryRefused extends WorkflowError {
  readonly isFinal: boolean;
  readonly askedMs: number | undefined;

  constructor({ status, headers }: Response, clock: RuntimeServices["clock"]) {
    super("step.upstream", `webhook returned status ${status}`);
    // The receiver does not take this message; any other failure may be gone next time.
    this.isFinal = status >= 400 && status < 500 && !isPassingStatus(status);
    this.askedMs = retryAfterMs(headers, clock);
  }
}

type Mutable = { -readonly [K in keyof WebhookDelivery]: WebhookDelivery[K] };

/** Delivers by HTTP with growing waits, and keeps the newest of what could not be delivered. */
export class WebhookOutbox implements WebhookSender {
  readonly #options: WebhookOptions;
  readonly #deadLetters = new Map<string, Mutable>();
  readonly #ended = new AbortController();
  #count = 0;
  #origin: string | undefined;

  constructor(options: WebhookOptions) {
    this.#options = options;
  }

  /** Gives up waits and requests; what is under way becomes a dead letter. */
  end(reason: unknown): void {
    this.#ended.abort(reason);
  }

  send(url: string, payload: Uint8Array, headers: Readonly<Record<string, string>>): Promise<WebhookDelivery> {
    const createdAt = this.#options.runtime.clock.now();
    const id = `wh-${BigInt(Math.floor(createdAt)) * 1_000_000n}-${++this.#count}`;
    return this.#deliver({ id, url, payload, headers, status: "pending", attempts: 0, createdAt });
  }

  deadLetters(): readonly WebhookDelivery[] {
    return [...this.#deadLetters.values()].map((letter) => ({ ...letter }));
  }

  async retry(id: string): Promise<WebhookDelivery> {
    const letter = this.#deadLetters.get(id);
    if (letter === undefined) throw new WorkflowError("module.not_found", `dead letter '${id}' not found`);
    // Off the list while it is tried: two retries at once would deliver it twice.
    this.#deadLetters.delete(id);
    letter.status = "pending";
    return this.#deliver(letter);
  }

  async #deliver(delivery: Mutable): Promise<WebhookDelivery> {
    const { retries, runtime } = this.#options;
    for (let attempt = 0; ; attempt++) {
      delivery.attempts++;
      let waitMs: number;
      try {
        await this.#attempt(delivery);
        delivery.status = "delivered";
        delivery.deliveredAt = runtime.clock.now();
        return { ...delivery };
      } catch (error) {
        delivery.lastError = messageOf(error);
        delivery.status = "failed";
        if (attempt === retries || isFinal(error) || this.#ended.signal.aborted) throw this.#bury(delivery, error);
        waitMs = this.#wait(attempt, error);
      }
      try {
        await runtime.clock.sleep(waitMs, this.#ended.signal);
      } catch (error) {
        throw this.#bury(delivery, error);
      }
    }
  }

  async #attempt({ id, url, payload, headers: own }: WebhookDelivery): Promise<void> {
    const { method, egress, runtime } = this.#options;
    const { clock } = runtime;
    const headers = new Headers({ "content-type": "application/json" });
    for (const [name, value] of Object.entries(own)) headers.set(name, value);
    // The same on every attempt of a delivery, so that receivers can tell a repetition.
    if (!headers.has("idempotency-key")) headers.set("idempotency-key", this.#keyOf(id));
    const deadline = new AbortController();
    const late = () => deadline.abort(new WorkflowError("run.timeout", `no answer within ${answerMs / 1000} s`));
    const cancelTimer = clock.setTimeout(answerMs, late);
    try {
      const body = new Uint8Array(payload);
      const signal = AbortSignal.any([this.#ended.signal, deadline.signal]);
      const response = await openOutbound({ method, url, headers, body, egress, signal, mayFollow: keepsMethod });
      await response.body?.cancel();
      if (!response.ok) throw new DeliveryRefused(response, clock);
    } finally {
      cancelTimer();
    }
  }

  /** Ids count from 1 in every process: the origin keeps them apart. */
  #keyOf(id: string): string {
    this.#origin ??= this.#options.runtime.uuid();
    return `${this.#origin}/${id}`;
  }

  #wait(attempt: number, error: unknown): number {
    const { random } = this.#options.runtime;
    const waitMs = backoffMs(attempt + 1, { firstMs: backoffMsFirst, maxMs: backoffMsMax, random });
    const askedMs = error instanceof DeliveryRefused ? (error.askedMs ?? 0) : 0;
    return Math.max(waitMs, Math.min(askedMs, askedMsMax));
  }

  #bury(delivery: Mutable, cause: unknown): WorkflowError {
    const { deadLettersMax, runtime } = this.#options;
    delivery.status = "dead_letter";
    this.#deadLetters.set(delivery.id, delivery);
    const [oldest] = this.#deadLetters.keys();
    if (this.#deadLetters.size > deadLettersMax && oldest !== undefined) {
      this.#deadLetters.delete(oldest);
      runtime.log.warn("Dead letter dropped", { id: oldest, reason: `more than ${deadLettersMax} are waiting` });
    }
    const text = `webhook delivery ${delivery.id} failed after ${delivery.attempts} attempts: ${messageOf(cause)}`;
    return new WorkflowError("step.upstream", text, { cause });
  }
}

/** Other redirects turn a delivery into a GET without its payload. */
function keepsMethod(_target: URL, status: number): boolean {
  return status === 307 || status === 308;
}

function isFinal(error: unknown): boolean {
  return error instanceof EgressRefused || (error instanceof DeliveryRefused && error.isFinal);
}
