import { messageOf } from "../../error/error.ts";
import type { Logger } from "../../log/logger.ts";
import type { StateTracker, TrackedState } from "../../port/statemachine.ts";
import type { Clock } from "../../time/clock.ts";

/** What is remembered, and for how long. */
export interface TrackerOptions {
  readonly log: Logger;
  readonly clock: Clock;
  /** States that did not change for this long are forgotten, in milliseconds. */
  readonly retentionMs: number;
  /** Most resources; those that rested longest are forgotten beyond it. */
  readonly resourcesMax: number;
}

type Listener = (state: TrackedState) => void;

/** Keeps the last state of each resource in memory. */
export class MemoryTracker implements StateTracker {
  readonly #options: TrackerOptions;
  /** In the order of the last change. */
  readonly #states = new Map<string, TrackedState>();
  readonly #listeners = new Map<string, Set<{ readonly notify: Listener }>>();

  constructor(options: TrackerOptions) {
    this.#options = options;
  }

  get size(): number {
    this.#forget();
    return this.#states.size;
  }

  set(resourceType: string, id: string, state: string, data: Record<string, unknown>): void {
    const key = keyOf(resourceType, id);
    const before = this.#states.get(key);
    const tracked: TrackedState = {
      id,
      resourceType,
      currentState: state,
      previousState: before?.currentState ?? "",
      lastUpdate: this.#options.clock.now(),
      data,
    };
    this.#states.delete(key);
    this.#states.set(key, tracked);
    this.#forget();
    for (const name of [resourceType, "*"]) {
      for (const listener of this.#listeners.get(name) ?? []) this.#notify(listener.notify, tracked);
    }
  }

  get(resourceType: string, id: string): TrackedState | undefined {
    this.#forget();
    return this.#states.get(keyOf(resourceType, id));
  }

  onChange(resourceType: string, notify: Listener): () => void {
    const listeners = this.#listeners.get(resourceType) ?? new Set();
    const listener = { notify };
    this.#listeners.set(resourceType, listeners.add(listener));
    return () => void listeners.delete(listener);
  }

  /** Later, so that a listener can neither delay nor fail what changed the state. */
  #notify(notify: Listener, state: TrackedState): void {
    queueMicrotask(() => {
      try {
        notify(state);
      } catch (error) {
        this.#options.log.error("State listener failed", { resource: state.id, error: messageOf(error) });
      }
    });
  }

  #forget(): void {
    const { clock, retentionMs, resourcesMax } = this.#options;
    const until = clock.now() - retentionMs;
    for (const [key, { lastUpdate }] of this.#states) {
      if (lastUpdate > until && this.#states.size <= resourcesMax) return;
      this.#states.delete(key);
    }
  }
}

function keyOf(resourceType: string, id: string): string {
  return `${resourceType}:${id}`;
}
