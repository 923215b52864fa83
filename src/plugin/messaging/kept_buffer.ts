import type { EventBus } from "../../port/runtime.ts";
import type { Scope } from "../../scope/scope.ts";
import { EventBuffer, type EventBufferOptions } from "./event_buffer.ts";

interface KeptBuffer {
  readonly buffer: EventBuffer;
  /** Generations that use it; two while a reload switches over. */
  holders: number;
}

/**
 * Buffers by the event bus of their process and by the settings they were made for. The bus is what a section sees
 * that lives as long as the process; sections themselves are built anew for every configuration.
 */
const keptBuffers = new WeakMap<EventBus, Map<string, KeptBuffer>>();

/**
 * The buffer of a section, until the scope closes. Whoever comes with the same key before that gets the same one, so
 * that a reload does not forget the events of a section whose patterns it leaves as they are.
 */
export function holdBuffer(
  events: EventBus,
  { key, ...options }: EventBufferOptions & { readonly key: string },
  scope: Scope,
): EventBuffer {
  const buffers = keptBuffers.get(events) ?? new Map<string, KeptBuffer>();
  keptBuffers.set(events, buffers);
  const kept = buffers.get(key) ?? { buffer: new EventBuffer(options), holders: 0 };
  buffers.set(key, kept);
  kept.holders++;
  scope.defer("event buffer", () => {
    kept.holders--;
    if (kept.holders === 0) buffers.delete(key);
  });
  return kept.buffer;
}
