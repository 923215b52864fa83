import { messageOf, WorkflowError } from "../../error/error.ts";
import type { Logger } from "../../log/logger.ts";
import type { Broker, Message, MessageCallback } from "../../port/messaging.ts";
import type { Clock } from "../../time/clock.ts";
import { formatDuration } from "../../time/duration.ts";

/** Bounds of a memory broker. */
export interface MemoryBrokerOptions {
  readonly name: string;
  readonly log: Logger;
  readonly clock: Clock;
  /** Most messages under way, and most subscriptions, of one topic. */
  readonly queueSizeMax: number;
  /** Time for one handler and one message, in milliseconds. */
  readonly deliveryTimeoutMs: number;
}

/**
 * Delivers messages inside the process: `publish` calls the handlers of exactly that topic one after the other, in the
 * order they subscribed, and resolves when all have ended. A handler that fails is logged and hides the message from
 * nobody else.
 */
export class MemoryBroker implements Broker {
  readonly name: string;
  readonly #options: MemoryBrokerOptions;
  readonly #handlers = new Map<string, Set<{ readonly onMessage: MessageCallback }>>();
  readonly #underWay = new Map<string, number>();

  constructor(options: MemoryBrokerOptions) {
    this.name = options.name;
    this.#options = options;
  }

  /** Messages that are being delivered. */
  get depth(): number {
    let depth = 0;
    for (const count of this.#underWay.values()) depth += count;
    return depth;
  }

  subscribe(topic: string, onMessage: MessageCallback): () => void {
    const handlers = this.#handlers.get(topic) ?? new Set();
    // An object of its own, so that one callback may subscribe twice.
    const handler = { onMessage };
    this.#handlers.set(topic, handlers.add(handler));
    return () => {
      handlers.delete(handler);
      if (handlers.size === 0 && this.#handlers.get(topic) === handlers) this.#handlers.delete(topic);
    };
  }

  async publish(topic: string, payload: Uint8Array, options: { readonly key?: string } = {}): Promise<void> {
    const handlers = this.#handlers.get(topic);
    if (handlers === undefined) {
      this.#options.log.warn("No subscribers for", { topic });
      return;
    }
    const before = this.#underWay.get(topic) ?? 0;
    const { queueSizeMax } = this.#options;
    if (handlers.size > queueSizeMax || before >= queueSizeMax) {
      throw new WorkflowError("message.queue_full", `topic "${topic}" exceeds max queue size ${queueSizeMax}`);
    }
    this.#underWay.set(topic, before + 1);
    try {
      const message: Message = { topic, payload, ...options };
      // Handlers may come and go while the message is delivered.
      const receivers = [...handlers];
      for (const { onMessage } of receivers) await this.#deliver(onMessage, message);
    } finally {
      const after = (this.#underWay.get(topic) ?? 1) - 1;
      if (after === 0) this.#underWay.delete(topic);
      else this.#underWay.set(topic, after);
    }
  }

  async #deliver(onMessage: MessageCallback, message: Message): Promise<void> {
    try {
      const running = onMessage(message);
      if (running instanceof Promise) await this.#limited(running);
    } catch (error) {
      const { topic } = message;
      this.#options.log.error("Error handling message on", { topic, error: messageOf(error) });
    }
  }

  /** The handler goes on when it is late, but nobody waits for it any longer. */
  async #limited(running: Promise<void>): Promise<void> {
    const { clock, deliveryTimeoutMs } = this.#options;
    let cancel = (): void => {};
    const late = new Promise<never>((_, reject) => {
      const text = `the handler did not finish within ${formatDuration(deliveryTimeoutMs)}`;
      cancel = clock.setTimeout(deliveryTimeoutMs, () => reject(new WorkflowError("run.timeout", text)));
    });
    try {
      await Promise.race([running, late]);
    } finally {
      cancel();
    }
  }
}
