import type { PatternEvent } from "./event_pattern.ts";

/** How much longer than the longest window events are kept, and how often old ones are looked for, in milliseconds. */
const graceMs = 5 * 60_000;

/** How far back and how much a buffer remembers. */
export interface EventBufferOptions {
  /** The longest time that a pattern looks back, in milliseconds. */
  readonly windowMsMax: number;
  readonly eventsMax: number;
}

/** Recent events in groups that belong together. */
export class EventBuffer {
  readonly #keepMs: number;
  readonly #eventsMax: number;
  readonly #groups = new Map<string, PatternEvent[]>();
  #size = 0;
  #purgedAt = Number.NEGATIVE_INFINITY;

  constructor(options: EventBufferOptions) {
    this.#keepMs = options.windowMsMax + graceMs;
    this.#eventsMax = options.eventsMax;
  }

  get size(): number {
    return this.#size;
  }

  /** Adds an event and gives its group, oldest first. Beyond the limit the group that rested longest is forgotten. */
  add(event: PatternEvent): readonly PatternEvent[] {
    if (event.at - this.#purgedAt >= graceMs) this.#purge(event.at);
    const key = event.correlationId === "" ? event.sourceId : event.correlationId;
    const group = this.#groups.get(key) ?? [];
    group.push(event);
    this.#size++;
    // Re-inserted, so that the first group of the map is the one that rested longest.
    this.#groups.delete(key);
    this.#groups.set(key, group);
    while (this.#size > this.#eventsMax) this.#dropOldest();
    return group;
  }

  #dropOldest(): void {
    const [first] = this.#groups;
    if (first === undefined) return;
    const [key, group] = first;
    // Of the only group left, the oldest event goes and not the group that was just added to.
    const dropped = this.#groups.size === 1 ? group.splice(0, 1).length : group.length;
    if (this.#groups.size > 1) this.#groups.delete(key);
    this.#size -= dropped;
  }

  #purge(now: number): void {
    this.#purgedAt = now;
    for (const [key, group] of this.#groups) {
      const kept = group.filter(({ at }) => at >= now - this.#keepMs);
      this.#size -= group.length - kept.length;
      if (kept.length === 0) this.#groups.delete(key);
      else this.#groups.set(key, kept);
    }
  }
}
