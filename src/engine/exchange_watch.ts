import { WorkflowError } from "../error/error.ts";
import type { Exchange } from "../port/exchange.ts";
import { Scope } from "../scope/scope.ts";

/** How often requests in flight are looked at. */
const sweepMs = 500;

/**
 * Cancels requests that take longer than the listener allows. One timer looks at all of them, since a timer per request
 * would cost more than most requests do; it runs only while there are requests.
 */
export class ExchangeWatch {
  readonly #limitMs: number;
  readonly #since = new Map<Exchange, number>();
  #scope: Scope | undefined;
  #whenIdle: (() => void) | undefined;

  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  add(exchange: Exchange): void {
    this.#since.set(exchange, performance.now());
    if (this.#scope !== undefined) return;
    this.#scope = new Scope("requests in flight");
    this.#scope.every("sweep", sweepMs, () => this.#sweep());
  }

  delete(exchange: Exchange): void {
    this.#since.delete(exchange);
    if (this.#since.size === 0) this.#whenIdle?.();
  }

  /** Requests in flight. */
  get size(): number {
    return this.#since.size;
  }

  /** Resolves when no request is in flight, or when the signal is aborted. */
  idle(signal: AbortSignal): Promise<void> {
    if (this.#since.size === 0 || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      this.#whenIdle = resolve;
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
  }

  close(): void {
    void this.#scope?.close();
    this.#scope = undefined;
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
