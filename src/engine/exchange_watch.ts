import { WorkflowError } from "../error/error.ts";
import type { Exchange } from "../port/exchange.ts";

/** How often requests in flight are looked at. */
const sweepMs = 500;

/**
 * Cancels requests that take longer than the listener allows. One timer looks at all of them, since a timer per request
 * would cost more than most requests do.
 */
export class ExchangeWatch {
  readonly #limitMs: number;
  readonly #since = new Map<Exchange, number>();
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  add(exchange: Exchange): void {
    this.#since.set(exchange, performance.now());
    this.#timer ??= setInterval(() => this.#sweep(), sweepMs);
  }

  delete(exchange: Exchange): void {
    this.#since.delete(exchange);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#since.clear();
  }

  #sweep(): void {
    if (this.#since.size === 0) return this.close();
    const before = performance.now() - this.#limitMs;
    for (const [exchange, since] of this.#since) {
      if (since > before) break;
      this.#since.delete(exchange);
      exchange.cancel(
        new WorkflowError("run.timeout", `no answer within the server's writeTimeout of ${this.#limitMs} ms`),
      );
    }
  }
}
