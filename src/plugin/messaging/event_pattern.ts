/** Something that happened, as patterns see it. */
export interface PatternEvent {
  readonly type: string;
  readonly sourceId: string;
  /** Groups events that belong together; empty when the source does that. */
  readonly correlationId: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** What has to happen within a window of time. */
export interface EventPattern {
  readonly id: string;
  readonly types: readonly string[];
  readonly windowMs: number;
  readonly condition: "count" | "all" | "sequence" | "";
  readonly orderMatters: boolean;
  readonly occursMin: number;
  /** Zero for no limit. */
  readonly occursMax: number;
}

/**
 * The number of events of the pattern's types inside its window, or undefined when they do not make a match. `events`
 * belong together and stand in the order they came.
 */
export function matchPattern(pattern: EventPattern, events: readonly PatternEvent[], now: number): number | undefined {
  const { types, occursMin, occursMax } = pattern;
  const counted = events.filter(({ type, at }) => types.includes(type) && at >= now - pattern.windowMs);
  if (counted.length < occursMin || (occursMax > 0 && counted.length > occursMax)) return undefined;
  return isComplete(pattern, counted) ? counted.length : undefined;
}

function isComplete({ condition, types, orderMatters }: EventPattern, events: readonly PatternEvent[]): boolean {
  if (condition === "sequence" || orderMatters) return hasInOrder(types, events);
  return condition !== "all" || types.every((type) => events.some((event) => event.type === type));
}

function hasInOrder(types: readonly string[], events: readonly PatternEvent[]): boolean {
  let next = 0;
  for (const { type } of events) if (type === types[next]) next++;
  return next === types.length;
}
