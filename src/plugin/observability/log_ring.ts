import type { LogRecord } from "../../log/logger.ts";
import type { LogStream } from "../../port/runtime.ts";

/** Records that are kept; specified. */
export const recordsMax = 10_000;

/** The latest records of a log. */
export class LogRing {
  readonly #records: LogRecord[] = [];
  #next = 0;

  add(record: LogRecord): void {
    this.#records[this.#next] = record;
    this.#next = (this.#next + 1) % recordsMax;
  }

  /** The records, oldest first. */
  records(): readonly LogRecord[] {
    if (this.#records.length < recordsMax) return [...this.#records];
    return [...this.#records.slice(this.#next), ...this.#records.slice(0, this.#next)];
  }
}

interface SharedRing {
  readonly ring: LogRing;
  readonly unsubscribe: () => void;
  holders: number;
}

// A log outlives the configurations that read it, and what was collected must outlive a reload. Rings therefore belong
// to the log, by the name and settings of their collector, for as long as a running configuration has that collector.
const rings = new WeakMap<LogStream, Map<string, SharedRing>>();

/** The ring of a collector, filled from now on if there was none. Give it back with the returned function. */
export function holdRing(
  log: LogStream,
  key: string,
  wants: (record: LogRecord) => boolean,
): { readonly ring: LogRing; readonly release: () => void } {
  const ofLog = rings.get(log) ?? new Map<string, SharedRing>();
  rings.set(log, ofLog);
  let shared = ofLog.get(key);
  if (shared === undefined) {
    const ring = new LogRing();
    const unsubscribe = log.subscribe((record) => {
      if (wants(record)) ring.add(record);
    });
    shared = { ring, unsubscribe, holders: 0 };
    ofLog.set(key, shared);
  }
  const held = shared;
  held.holders++;
  const release = (): void => {
    held.holders--;
    if (held.holders > 0) return;
    held.unsubscribe();
    ofLog.delete(key);
  };
  return { ring: held.ring, release };
}
