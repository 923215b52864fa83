import { messageOf } from "../../error/error.ts";
import type { Logger } from "../../log/logger.ts";
import type { CounterMeter, Metrics } from "../../port/metrics.ts";
import { systemClock } from "../../time/clock.ts";
import type { StoreOperation } from "../store/statement.ts";
import type { Store } from "../store/store.ts";
import { faultPoint } from "./fault_point.ts";
import type { RunEventFeed } from "./run_event_feed.ts";
import { type RunEnd, type RunFacts, RunWriter } from "./run_writer.ts";

/** What the recorder works with. */
export interface RecorderOptions {
  readonly store: () => Store | Promise<Store>;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly feed: RunEventFeed;
}

/** Time between two writings, in milliseconds. */
const flushMs = 100;

/** Runs that are recorded between two writings: at most 500 a second. What comes on top is counted and dropped. */
const runsMax = 50;

/** Runs that are recorded between two writings while more come than may be recorded: then the requests come first. */
const runsMin = 5;

/** Records runs that nobody needs after a crash. It never makes a run wait, and drops records before it costs much. */
export class BackgroundRecorder {
  readonly #options: RecorderOptions;
  readonly #dropped: CounterMeter;
  readonly #definitions = new Set<string>();
  #waiting: StoreOperation[][] = [];
  #admitted = 0;
  #refused = 0;
  #limit = runsMax;
  #isArmed = false;
  #isEnded = false;
  #writing: Promise<void> = Promise.resolve();

  constructor(options: RecorderOptions) {
    this.#options = options;
    const help = "Executions that were not recorded because too many of them ended at once.";
    this.#dropped = options.metrics.counter("workflow_execution_records_dropped_total", help, {});
  }

  /** Whether one more run may be recorded; asking for it takes its place. */
  admit(): boolean {
    if (this.#admitted >= this.#limit || this.#isEnded) {
      this.#dropped.add();
      this.#refused++;
      return false;
    }
    this.#admitted++;
    this.#arm();
    return true;
  }

  /** The writer of a run that was admitted; `finish` takes what it has kept. */
  begin(facts: RunFacts): RunWriter {
    return new RunWriter(facts, { ...this.#options, definitions: this.#definitions });
  }

  /** Takes the rows of a run that has ended. */
  finish(writer: RunWriter, end: RunEnd): void {
    try {
      const operations = writer.endOperations(end);
      writer.announceEnd(end);
      if (operations !== undefined) this.#waiting.push([...operations]);
      this.#arm();
    } catch (error) {
      this.#dropped.add();
      this.#options.log.debug("An execution cannot be recorded", { run: writer.facts.id, error: messageOf(error) });
    }
  }

  /** Says that definitions may have been removed. */
  forgetDefinitions(): void {
    this.#definitions.clear();
  }

  /** Writes what waits, so that who reads sees it. */
  settled(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#write());
    return this.#writing;
  }

  /** Writes what is left. */
  async close(): Promise<void> {
    this.#isEnded = true;
    await this.#writing;
    await this.#write();
  }

  #arm(): void {
    if (this.#isArmed || this.#isEnded) return;
    this.#isArmed = true;
    // The pace of the disk, not a time that a run could see.
    systemClock.setTimeout(flushMs, () => {
      this.#isArmed = false;
      // Halved while there is too much, doubled when there is not.
      this.#limit = this.#refused > 0 ? Math.max(runsMin, this.#limit >> 1) : Math.min(runsMax, this.#limit * 2);
      this.#admitted = 0;
      this.#refused = 0;
      this.#writing = this.#writing.then(() => this.#write());
    });
  }

  async #write(): Promise<void> {
    const groups = this.#waiting;
    if (groups.length === 0) return;
    this.#waiting = [];
    try {
      const store = await this.#options.store();
      faultPoint("background.before_commit");
      await Promise.all(groups.map((group) => store.commit(group)));
      faultPoint("background.after_commit");
      for (const group of groups) {
        for (const [name, hash] of group) if (name === "insertDefinition") this.#definitions.add(String(hash));
      }
    } catch (error) {
      this.#dropped.add(groups.length);
      this.#options.log.warn("Executions cannot be recorded", { executions: groups.length, error: messageOf(error) });
    }
  }
}
