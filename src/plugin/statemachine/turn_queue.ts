import { WorkflowError } from "../../error/error.ts";
import type { Clock } from "../../time/clock.ts";

/** Most callers that wait for one key; chosen so that a loop is noticed long before memory is. */
const waitingMax = 1000;

interface Waiter {
  readonly start: () => void;
}

/** Gives callers their turn one after the other, for each key apart. */
export class TurnQueue {
  readonly #clock: Clock;
  readonly #waiting = new Map<string, Waiter[]>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Resolves when it is the caller's turn, with the function that ends the turn. With `limitMs` it rejects with
   * `onLate` when the turn does not come in time.
   */
  async take(key: string, limit?: { readonly ms: number; readonly onLate: () => WorkflowError }): Promise<() => void> {
    const line = this.#waiting.get(key);
    if (line === undefined) {
      this.#waiting.set(key, []);
      return this.#turn(key);
    }
    if (line.length >= waitingMax) {
      throw new WorkflowError("message.queue_full", `more than ${waitingMax} callers wait for '${key}'`);
    }
    await this.#wait(line, limit);
    return this.#turn(key);
  }

  #wait(
    line: Waiter[],
    limit: { readonly ms: number; readonly onLate: () => WorkflowError } | undefined,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      let cancel = (): void => {};
      const waiter: Waiter = {
        start: () => {
          cancel();
          resolve();
        },
      };
      line.push(waiter);
      if (limit === undefined) return;
      cancel = this.#clock.setTimeout(limit.ms, () => {
        line.splice(line.indexOf(waiter), 1);
        reject(limit.onLate());
      });
    });
  }

  #turn(key: string): () => void {
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      const next = this.#waiting.get(key)?.shift();
      // The turn passes on without a gap in which somebody else could take it.
      if (next === undefined) this.#waiting.delete(key);
      else next.start();
    };
  }
}
