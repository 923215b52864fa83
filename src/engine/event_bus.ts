import { messageOf } from "../error/error.ts";
import type { Logger } from "../log/logger.ts";
import type { EventBus, EventSubscription } from "../port/runtime.ts";

/** Events that wait for asynchronous subscribers; beyond it, publishing waits. */
const pendingMax = 10_000;

/**
 * The event bus inside the process. Subscribers run in the order they came; one that fails is logged and does not keep
 * the others from the event.
 */
export class ProcessEventBus implements EventBus {
  readonly #exact = new Map<string, Set<EventSubscription>>();
  readonly #patterns = new Map<EventSubscription, RegExp>();
  readonly #log: Logger;
  readonly #pending = new Set<Promise<void>>();

  constructor(log: Logger) {
    this.#log = log;
  }

  subscribe(subscription: EventSubscription): () => void {
    const { topic } = subscription;
    if (topic.includes("*")) {
      this.#patterns.set(subscription, patternOf(topic));
      return () => void this.#patterns.delete(subscription);
    }
    const subscribers = this.#exact.get(topic) ?? new Set();
    this.#exact.set(topic, subscribers.add(subscription));
    return () => {
      subscribers.delete(subscription);
      if (subscribers.size === 0) this.#exact.delete(topic);
    };
  }

  get isIdle(): boolean {
    return this.#exact.size === 0 && this.#patterns.size === 0;
  }

  hasSubscribers(topic: string): boolean {
    if (this.#exact.has(topic)) return true;
    for (const pattern of this.#patterns.values()) if (pattern.test(topic)) return true;
    return false;
  }

  async publish(topic: string, payload: unknown): Promise<void> {
    for (const subscription of this.#matching(topic)) {
      const delivery = this.#deliver(subscription, topic, payload);
      if (subscription.isAsync !== true) {
        await delivery;
        continue;
      }
      this.#pending.add(delivery);
      void delivery.then(() => this.#pending.delete(delivery));
      if (this.#pending.size > pendingMax) await Promise.race(this.#pending);
    }
  }

  #matching(topic: string): readonly EventSubscription[] {
    const found = [...(this.#exact.get(topic) ?? [])];
    for (const [subscription, pattern] of this.#patterns) if (pattern.test(topic)) found.push(subscription);
    return found;
  }

  async #deliver(subscription: EventSubscription, topic: string, payload: unknown): Promise<void> {
    try {
      await subscription.onEvent(topic, payload);
    } catch (error) {
      this.#log.error("Error handling event", { topic, error: messageOf(error) });
    }
  }
}

/** `*` is one segment, a last `*` is all that follow, `**` is any number of segments. */
function patternOf(topic: string): RegExp {
  const segments = topic.split(".");
  const parts = segments.map((segment, index) => {
    if (segment === "**" || (segment === "*" && index === segments.length - 1)) return ".+";
    return segment === "*" ? "[^.]+" : segment.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
  });
  return new RegExp(`^${parts.join(String.raw`\.`)}$`);
}
