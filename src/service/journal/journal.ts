import { messageOf, WorkflowError } from "../../error/error.ts";
import type { Logger } from "../../log/logger.ts";
import type { Wake } from "../../port/frame.ts";
import type { Metrics } from "../../port/metrics.ts";
import type { Clock } from "../../time/clock.ts";
import type { StoreOperation } from "../store/statement.ts";
import type { Store } from "../store/store.ts";
import { faultPoint } from "./fault_point.ts";
import { ConcurrencyGates, type Slot } from "./concurrency.ts";
import { BackgroundRecorder } from "./background_recorder.ts";
import { type RunRow, type StepRow, toRun } from "./run_row.ts";
import { RunEventFeed } from "./run_event_feed.ts";
import { type RunFacts, RunWriter } from "./run_writer.ts";
import { JournalReader } from "./journal_reader.ts";
import type { Signal } from "./signal.ts";
import { Waker } from "./waker.ts";

/** A run that goes on from its rows. */
export interface ResumedRun {
  readonly run: RunRow;
  readonly steps: readonly StepRow[];
  readonly input: Record<string, unknown>;
  /** What ended its wait; undefined when it did not wait, or waits on. */
  readonly wake: Wake | undefined;
  readonly signalId: string | undefined;
  /** The right to be under way, for a run that has waited for it. */
  readonly slot: Slot | undefined;
}

/** Continues runs with the pipelines of the running configuration. */
export interface RunResumer {
  /** Starts going on with a run; what becomes of it is the journal's and the pipeline's matter. */
  resume(resumed: ResumedRun): void;
}

/** A run that this process works on. */
export interface LiveRun {
  readonly id: string;
  readonly pipeline: string;
  cancel(reason: WorkflowError): void;
}

/** What a journal is made of. */
export interface JournalOptions {
  readonly open: () => Promise<Store>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/** Durable runs that one process works on at a time. Guessed: memory for them stays in the tens of megabytes. */
const activeMax = 2000;

/** Time until a store that failed is tried again, in milliseconds. */
const retryMs = 2000;

/** Processes that a run may have taken with it; then it is not tried again by itself. */
export const attemptsMax = 10;

/**
 * The record of every run, and the way back into those that are not finished. Durable runs commit to it before they go
 * on; others are recorded in the background. The store is opened when it is first needed.
 */
export class Journal extends JournalReader {
  readonly clock: Clock;
  readonly #options: JournalOptions;
  readonly #log: Logger;
  readonly #definitions = new Set<string>();
  readonly #live = new Map<string, LiveRun>();
  readonly #awaited = new Map<string, PromiseWithResolvers<Record<string, unknown>>>();
  /** Limits of runs under way; they hold across reloads. */
  readonly gates = new ConcurrencyGates();
  readonly #waker: Waker;
  readonly #recorder: BackgroundRecorder;
  /** What happens in runs. */
  readonly feed = new RunEventFeed();
  #opening: Promise<Store> | undefined;
  #store: Store | undefined;
  #resumer: RunResumer | undefined;
  #isClosed = false;

  constructor(options: JournalOptions) {
    super();
    this.#options = options;
    this.#log = options.log;
    this.clock = options.clock;
    this.#recorder = new BackgroundRecorder({ ...options, store: () => this.store(), feed: this.feed });
    this.#waker = new Waker({
      clock: options.clock,
      claim: (limit) => this.#claimDue(limit),
      nextDue: () => this.#nextDue(),
      room: () => activeMax - this.#live.size,
      onError: (error) => this.#log.warn("Waking runs failed, trying again", { error: messageOf(error) }),
    });
    options.metrics.gauge(
      "workflow_runs_active",
      "Durable runs that this process works on.",
      {},
      () => this.#live.size,
    );
  }

  /** The store, once it is open. */
  override store(): Store | Promise<Store> {
    if (this.#store !== undefined) return this.#store;
    this.#opening ??= this.#options.open().then(
      (store) => {
        this.#store = store;
        return store;
      },
      (error: unknown) => {
        // The next one who asks tries again: a directory may be mounted, a disk freed.
        this.#opening = undefined;
        throw error;
      },
    );
    return this.#opening;
  }

  /**
   * Takes up what an earlier process left: runs that were running are due now. To be called before anything can begin a
   * run in this process, which would be taken for one of those.
   */
  async recover(): Promise<void> {
    const store = await this.store();
    faultPoint("journal.before_recover");
    const [running = 0, waiting = 0] = await store.commit([
      ["recoverRunning", this.clock.now()],
      ["recoverWaiting"],
      ["recoverSignalled", this.clock.now()],
      ["recoverQueued", this.clock.now()],
      ["unblockRuns", this.clock.now()],
    ]);
    faultPoint("journal.after_recover");
    if (running + waiting > 0) this.#log.info("Runs of an earlier process are resumed", { runs: running + waiting });
    if (this.#resumer !== undefined) this.#waker.look();
  }

  /** Says who continues runs from now on. Runs that no configuration could continue are tried again. */
  async connect(resumer: RunResumer): Promise<void> {
    const isFirst = this.#resumer === undefined;
    this.#resumer = resumer;
    if (this.#store === undefined) return;
    if (!isFirst) await this.#store.rows("unblockRuns", this.clock.now());
    this.#waker.look();
  }

  /** The writer of a new durable run. */
  begin(facts: RunFacts): RunWriter {
    return new RunWriter(facts, { store: () => this.store(), definitions: this.#definitions, feed: this.feed });
  }

  /** Goes on with a queued run that now may; false when somebody has ended it meanwhile. */
  async startQueued(id: string, slot: Slot): Promise<boolean> {
    const [row] = await this.rows("claimRun", id);
    if (row === undefined) return false;
    this.#start(toRun(row), slot);
    return true;
  }

  /** Puts a run that was claimed back into the queue, until somebody calls `startQueued`. */
  async shelve(run: RunRow): Promise<void> {
    await this.commit([["shelveRun", run.id, run.token]]);
  }

  /** The writer of a run that goes on. */
  reopen(facts: RunFacts, held: { readonly token: number; readonly attempt: number }): RunWriter {
    return new RunWriter(facts, { store: () => this.store(), definitions: this.#definitions, feed: this.feed }, held);
  }

  /** What records runs that are not durable. */
  get background(): BackgroundRecorder {
    return this.#recorder;
  }

  /** Whether one more durable run may be worked on at once; else it is queued. */
  get hasRoom(): boolean {
    return this.#live.size < activeMax;
  }

  /** Says that this process works on a run. The function given back says that it no longer does. */
  hold(run: LiveRun): () => void {
    this.#live.set(run.id, run);
    return () => {
      if (this.#live.get(run.id) !== run) return;
      this.#live.delete(run.id);
      if (this.#live.size === activeMax - 1) this.#waker.look();
    };
  }

  /** The run, when this process works on it. */
  live(id: string): LiveRun | undefined {
    return this.#live.get(id);
  }

  /**
   * The end of a run, for a caller that waits for it across its parking: resolves with its values, rejects with what
   * failed. Call it before the run can end.
   */
  whenEnded(id: string): Promise<Record<string, unknown>> {
    let waiter = this.#awaited.get(id);
    if (waiter === undefined) {
      waiter = Promise.withResolvers<Record<string, unknown>>();
      waiter.promise.catch(() => undefined);
      this.#awaited.set(id, waiter);
    }
    return waiter.promise;
  }

  /** Tells who waits for the end of a run. */
  tell(id: string, end: { readonly values: Record<string, unknown> } | { readonly error: unknown }): void {
    const waiter = this.#awaited.get(id);
    this.#awaited.delete(id);
    if ("values" in end) waiter?.resolve(end.values);
    else waiter?.reject(end.error);
  }

  /** Says that a run waits until a time. */
  expect(dueAtMs: number): void {
    this.#waker.expect(dueAtMs);
  }

  /** Gives a run back later, when the store could not be written just now. */
  retryLater(id: string): void {
    this.whenUsable(() => {
      this.release(id).catch(() => this.retryLater(id));
    });
  }

  /** Tries something again in a while, after the store has failed. Nothing happens once the journal is closed. */
  whenUsable(work: () => void): void {
    this.clock.setTimeout(retryMs, () => {
      if (!this.#isClosed) work();
    });
  }

  /** Gives a run back that this process stops to work on: it is due again. */
  async release(id: string): Promise<void> {
    const store = await this.store();
    const now = this.clock.now();
    await store.commit([
      ["requeueWaiting", id],
      ["requeueSignalled", id, now],
    ]);
    await store.commit([["requeueRun", id, now]]);
    this.#waker.look();
  }

  /** Says that definitions may have been removed: they are written again with the next run. */
  forgetDefinitions(): void {
    this.#definitions.clear();
    this.#recorder.forgetDefinitions();
  }

  /** Commits operations that belong to no run in progress. */
  async commit(operations: readonly StoreOperation[]): Promise<readonly number[]> {
    const store = await this.store();
    faultPoint("journal.before_change");
    const changed = await store.commit(operations);
    faultPoint("journal.after_change");
    return changed;
  }

  /** Keeps a signal for a run, and wakes the run when it waits for it. */
  async signal(id: string, signal: Signal): Promise<void> {
    const insertion = ["insertSignal", signal.id, id, signal.name, signal.payload, this.clock.now()] as const;
    const changed = await this.commit([insertion, ...(signal.operations ?? [])]);
    if (changed[0] === 0) throw await this.#noSuchRun(id);
    await this.wakeSignalled(id, signal.name);
  }

  /** Goes on with a run that waits for a signal which has come. */
  async wakeSignalled(id: string, name: string): Promise<void> {
    const [row] = await this.rows("claimSignalled", id, name);
    faultPoint("journal.after_signal_claim");
    if (row !== undefined) this.#start(toRun(row));
  }

  /** Ends a run, wherever it is. */
  async cancel(id: string, reason: string): Promise<void> {
    const now = this.clock.now();
    const [changed = 0] = await this.commit([
      ["cancelRun", id, now, reason],
      ["settleDeadLetter", id, "pending", reason, now, null],
    ]);
    if (changed === 0) throw await this.#noSuchRun(id);
    this.#live.get(id)?.cancel(new WorkflowError("run.cancelled", reason));
    if (!this.feed.isIdle) await this.#tellCancelled(id, reason);
  }

  /** Notes that no configuration can go on with a run; the next one is asked again. */
  async block(run: RunRow, reason: WorkflowError): Promise<void> {
    this.#log.error("A run is blocked", { run: run.id, pipeline: run.pipeline, error: reason.message });
    try {
      await this.commit([["blockRun", run.id, run.token, reason.message, reason.code]]);
    } catch (error) {
      this.#log.error("A blocked run cannot be noted", { run: run.id, error: messageOf(error) });
      this.retryLater(run.id);
    }
  }

  /** Removes closed dead letters that nothing has happened to since a time; gives how many. */
  async purgeDeadLetters(beforeMs: number): Promise<number> {
    const [purged = 0] = await this.commit([["purgeDeadLetters", beforeMs]]);
    return purged;
  }

  /** Resolves when runs that were recorded in the background can be read. */
  override settled(): Promise<void> {
    return this.#recorder.settled();
  }

  /** Looks for runs that are due now. */
  look(): void {
    this.#waker.look();
  }

  /** Ends the waiting, writes what is left and closes the store. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#waker.end();
    await this.#recorder.close();
    const store = this.#store ?? (await this.#opening?.catch(() => undefined));
    await store?.close();
  }

  async #tellCancelled(id: string, reason: string): Promise<void> {
    const { pipeline = "", finishedAt } = (await this.find(id)) ?? {};
    const data = { pipeline, error: reason };
    const atMs = finishedAt ?? this.clock.now();
    this.feed.emit({ id: `${id}-cancel`, run: id, pipeline, type: "execution.cancelled", atMs, data });
  }

  async #noSuchRun(id: string): Promise<WorkflowError> {
    const run = await this.find(id);
    if (run === undefined) return new WorkflowError("run.not_found", `there is no execution ${id}`);
    return new WorkflowError("run.finished", `execution ${id} has ended already: ${run.status}`);
  }

  async #nextDue(): Promise<number | undefined> {
    const [row] = await this.rows("nextDue");
    return row?.wake_at === null || row === undefined ? undefined : Number(row.wake_at);
  }

  async #claimDue(limit: number): Promise<number> {
    if (this.#resumer === undefined) return 0;
    faultPoint("journal.before_claim");
    const rows = await this.rows("claimDue", this.clock.now(), limit, this.#crowded());
    faultPoint("journal.after_claim");
    for (const row of rows) this.#start(toRun(row));
    return rows.length;
  }

  /** Pipelines that have their share of the runs under way, as a list for the statement: others come first. */
  #crowded(): string {
    const counts = new Map<string, number>();
    for (const { pipeline } of this.#live.values()) counts.set(pipeline, (counts.get(pipeline) ?? 0) + 1);
    const names = [...counts].filter(([, count]) => count >= activeMax / 2).map(([name]) => name);
    return names.length === 0 ? "" : `|${names.join("|")}|`;
  }

  #start(run: RunRow, slot?: Slot): void {
    void this.#load(run, slot).then(
      (resumed) => this.#resume(resumed),
      (error: unknown) => {
        slot?.leave();
        this.#log.error("A run cannot be read", { run: run.id, error: messageOf(error) });
        this.retryLater(run.id);
      },
    );
  }

  #resume(resumed: ResumedRun): void {
    faultPoint("journal.before_resume");
    this.#resumer?.resume(resumed);
  }

  async #load(run: RunRow, slot: Slot | undefined): Promise<ResumedRun> {
    const [steps, input, signal] = await Promise.all([
      this.steps(run.id),
      this.readMap(run.input),
      run.waitSignal === undefined ? undefined : this.rows("firstSignal", run.id, run.waitSignal),
    ]);
    const [first] = signal ?? [];
    if (first !== undefined && run.waitSignal !== undefined) {
      const payload = await this.readValue(String(first.payload));
      const wake: Wake = { kind: "signal", name: run.waitSignal, payload };
      return { run, steps, input, wake, signalId: String(first.id), slot };
    }
    // A run that has waited for its turn was due before.
    const isOver = slot !== undefined || (run.wakeAt !== undefined && run.wakeAt <= this.clock.now());
    const isDue = run.waitSeq !== undefined && isOver;
    return { run, steps, input, wake: isDue ? { kind: "timer" } : undefined, signalId: undefined, slot };
  }
}
