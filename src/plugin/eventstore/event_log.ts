import { messageOf, WorkflowError } from "../../error/error.ts";
import { encodeJson } from "../../json/encode.ts";
import type { Logger } from "../../log/logger.ts";
import type { EventStore, ExecutionFilter, StoredEvent } from "../../port/event_store.ts";
import type { CounterMeter } from "../../port/metrics.ts";
import type { HealthStatus } from "../../port/runtime.ts";
import type { RunEvent } from "../../port/run_feed.ts";
import { systemClock } from "../../time/clock.ts";
import type { WrittenEvent } from "./event_message.ts";
import { EventThread } from "./event_thread.ts";

/** What an event log is made of. */
export interface EventLogOptions {
  /** Absolute path of the file. */
  readonly path: string;
  readonly log: Logger;
  /** Counts the events that are not written. */
  readonly dropped: CounterMeter;
  /** Puts `${…}` references in the place of what they stand for. */
  readonly conceal: (text: string) => string;
}

/** Time between two writings, in milliseconds. */
const flushMs = 200;

/** Longer data of one event is left out, in characters. The journal has the whole of it. */
const dataLengthMax = 64 * 1024;

/** Characters of the events that wait for the file; what comes on top is counted and dropped. Guessed. */
const waitingLengthMax = 32 * 1024 * 1024;

/** Takes events as they happen and writes them together. Nobody waits for it; it drops events before it costs much. */
export class EventLog implements EventStore {
  readonly #options: EventLogOptions;
  #thread: EventThread | undefined;
  #waiting: WrittenEvent[] = [];
  /** Characters of what waits and of what is being written. */
  #length = 0;
  #cancelTimer: (() => void) | undefined;
  #isFailing = false;

  constructor(options: EventLogOptions) {
    this.#options = options;
  }

  /** Opens the file, and makes it when it is missing. Rejects with `database.failed`. */
  async open(): Promise<void> {
    const thread = new EventThread();
    const { path } = this.#options;
    try {
      await thread.ask({ kind: "open", path });
      this.#thread = thread;
    } catch (cause) {
      thread.end();
      const text = `cannot open ${JSON.stringify(path)}: ${messageOf(cause)}`;
      throw new WorkflowError("database.failed", text, { cause });
    }
  }

  /** Takes an event; never throws. */
  take(event: RunEvent): void {
    const written = this.#written(event);
    if (written === undefined || this.#length + written.data.length > waitingLengthMax) {
      this.#options.dropped.add();
      return;
    }
    this.#length += lengthOf(written);
    this.#waiting.push(written);
    // The pace of the disk, not a time that a run could see.
    this.#cancelTimer ??= systemClock.setTimeout(flushMs, () => void this.#flush());
  }

  async events(run: string): Promise<readonly StoredEvent[]> {
    return this.#read({ kind: "events", run });
  }

  async executions(filter: ExecutionFilter): Promise<readonly (readonly StoredEvent[])[]> {
    const events = await this.#read({ kind: "executions", filter });
    return [...Map.groupBy(events, ({ execution_id: id }) => id).values()];
  }

  /** Removes executions of which nothing has been heard since a time; gives how many. */
  async prune(beforeMs: number): Promise<number> {
    const reply = await this.#opened().ask({ kind: "prune", before: new Date(beforeMs).toISOString() });
    return reply.kind === "pruned" ? reply.executions : 0;
  }

  health(): HealthStatus {
    const failure = this.#thread?.failure;
    if (failure !== undefined) return { status: "unhealthy", message: failure.message };
    return this.#isFailing ? { status: "degraded", message: "events cannot be written" } : { status: "healthy" };
  }

  /** Writes what waits and closes the file. */
  async close(): Promise<void> {
    const thread = this.#thread;
    if (thread === undefined) return;
    try {
      await this.#flush();
      if (thread.failure === undefined) await thread.ask({ kind: "close" });
    } finally {
      this.#thread = undefined;
      thread.end();
    }
  }

  async #read(
    question:
      | { readonly kind: "events"; readonly run: string }
      | { readonly kind: "executions"; readonly filter: ExecutionFilter },
  ): Promise<readonly StoredEvent[]> {
    // What has happened must be seen: the thread writes it first.
    const flushed = this.#flush();
    const reply = await this.#opened().ask(question);
    await flushed;
    return reply.kind === "events" ? reply.events : [];
  }

  async #flush(): Promise<void> {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const events = this.#waiting;
    if (events.length === 0) return;
    this.#waiting = [];
    try {
      await this.#opened().ask({ kind: "append", events });
      this.#isFailing = false;
    } catch (error) {
      this.#isFailing = true;
      this.#options.dropped.add(events.length);
      this.#options.log.warn("Events cannot be written", { events: events.length, error: messageOf(error) });
    } finally {
      for (const event of events) this.#length -= lengthOf(event);
    }
  }

  /** The event as text; undefined when it cannot be written. */
  #written({ id, run, type, atMs, data }: RunEvent): WrittenEvent | undefined {
    try {
      const text = encodeJson(data);
      const shown = text.length <= dataLengthMax ? text : encodeJson({ ...shortened(data), left_out: text.length });
      return { id, run, type, data: this.#options.conceal(shown), at: new Date(atMs).toISOString() };
    } catch (error) {
      this.#options.log.debug("An event cannot be written", { run, type, error: messageOf(error) });
      return undefined;
    }
  }

  #opened(): EventThread {
    if (this.#thread === undefined) throw new WorkflowError("database.failed", "the event store is not open");
    return this.#thread;
  }
}

function lengthOf({ id, run, data }: WrittenEvent): number {
  return id.length + run.length + data.length;
}

/** The texts and numbers of an event that are short, in the place of all of its data. */
function shortened(data: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const entries = Object.entries(data).flatMap(([key, value]): [string, unknown][] => {
    if (typeof value === "number") return [[key, value]];
    return typeof value === "string" ? [[key, value.slice(0, shortMax)]] : [];
  });
  return Object.fromEntries(entries);
}

const shortMax = 1000;
