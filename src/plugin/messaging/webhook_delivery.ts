import { messageOf, WorkflowError } from "../../error/error.ts";
import type { RuntimeServices } from "../../port/runtime.ts";
import type { WebhookDelivery, WebhookSender } from "../../port/webhook.ts";

/** Wait before the second attempt, in milliseconds; it doubles with each further one. */
const backoffMs = 1000;

/** Longest wait between two attempts, in milliseconds. */
const backoffMsMax = 60_000;

/** Time for one answer, in milliseconds. */
const answerMs = 30_000;

/** How a sender delivers. */
export interface WebhookOptions {
  readonly retries: number;
  readonly deadLettersMax: number;
  readonly method: string;
  readonly runtime: Pick<RuntimeServices, "clock" | "random" | "log">;
}

type Mutable = { -readonly [K in keyof WebhookDelivery]: WebhookDelivery[K] };

/** Delivers by HTTP with growing waits, and keeps the newest of what could not be delivered. */
export class WebhookOutbox implements WebhookSender {
  readonly #options: WebhookOptions;
  readonly #deadLetters = new Map<string, Mutable>();
  readonly #ended = new AbortController();
  #count = 0;

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
      try {
        await this.#attempt(delivery);
        delivery.status = "delivered";
        delivery.deliveredAt = runtime.clock.now();
        return { ...delivery };
      } catch (error) {
        delivery.lastError = messageOf(error);
        delivery.status = "failed";
        if (attempt === retries || this.#ended.signal.aborted) throw this.#bury(delivery, error);
      }
      try {
        await runtime.clock.sleep(this.#wait(attempt), this.#ended.signal);
      } catch (error) {
        throw this.#bury(delivery, error);
      }
    }
  }

  async #attempt({ url, payload, headers }: WebhookDelivery): Promise<void> {
    const signal = AbortSignal.any([this.#ended.signal, AbortSignal.timeout(answerMs)]);
    const { method } = this.#options;
    const response = await fetch(url, {
      method,
      headers: { "content-type": "application/json", ...lowerCased(headers) },
      body: Buffer.from(payload),
      signal,
      redirect: "manual",
    });
    await response.body?.cancel();
    if (!response.ok) throw new WorkflowError("step.upstream", `webhook returned status ${response.status}`);
  }

  /** Between half of the step and all of it, so that receivers that come back are not hit by everybody at once. */
  #wait(attempt: number): number {
    const step = Math.min(backoffMs * 2 ** attempt, backoffMsMax);
    return step / 2 + (step / 2) * this.#options.runtime.random();
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

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
