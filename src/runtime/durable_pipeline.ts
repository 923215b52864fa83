import { messageOf, WorkflowError } from "../error/error.ts";
import { acceptedAnswer, type AcceptedRun, type RunOptions } from "../port/pipeline.ts";
import { type Journal, attemptsMax, type ResumedRun } from "../service/journal/journal.ts";
import type { RunRow, StepRow } from "../service/journal/run_row.ts";
import type { Definition, RunInput, RunWriter } from "../service/journal/run_writer.ts";
import type { ConcurrencyGate, Slot } from "../service/journal/concurrency.ts";
import { type Continuation, restore } from "./continuation.ts";
import { DurableRun, type RunOutcome } from "./durable_run.ts";
import { type FrameOptions, RunFrame } from "./frame.ts";
import { repeatReply } from "./kept_reply.ts";
import { keptRequestParts, type RequestPart } from "./request_part.ts";
import type { PipelineParts } from "./step_flow.ts";
import { failureOf, hashOf, inputOf, withValues } from "./stored_run.ts";

/** What the durable runs of a pipeline need. */
export interface DurablePipelineOptions {
  readonly parts: PipelineParts;
  readonly journal: Journal;
  readonly isStrict: boolean;
  readonly timeoutMs: number | undefined;
  readonly requestParts: readonly RequestPart[];
  readonly definition: () => Definition;
  readonly gate: ConcurrencyGate | undefined;
}

type Values = Record<string, unknown>;

/** Starts the durable runs of one pipeline, and goes on with those that another process or generation left. */
export class DurablePipeline {
  readonly #options: DurablePipelineOptions;
  readonly #active = new Set<DurableRun>();

  constructor(options: DurablePipelineOptions) {
    this.#options = options;
  }

  /** Runs to the end for a caller that waits. A run that is put aside answers its request with its address. */
  async run(data: Values, given: RunOptions): Promise<Values> {
    const { journal } = this.#options;
    const options = withKey(given);
    const { frame, writer, run } = this.#begin(data, options);
    if (options.idempotencyKey !== undefined) {
      const earlier = await this.#commitOnce(writer, options.idempotencyKey);
      if (earlier !== undefined) return this.#repeat(earlier, options);
    }
    const isChild = options.parent !== undefined;
    const ended = isChild ? journal.whenEnded(run.id) : undefined;
    const outcome = await this.#work(run, frame);
    if (outcome.kind === "completed") return outcome.values;
    if (ended !== undefined) return this.#whileCalled(run.id, ended, options.signal);
    if (options.exchange !== undefined && options.exchange.reply === undefined) {
      const { status, headers, body } = acceptedAnswer(run.id);
      options.exchange.respond(status, headers, body);
    }
    return frame.current;
  }

  /** Commits a run and starts it, or queues it when as many as may be are under way. */
  async accept(data: Values, given: Omit<RunOptions, "signal">): Promise<AcceptedRun> {
    const { journal, parts } = this.#options;
    const options = withKey(given);
    const { frame, writer, run } = this.#begin(data, { ...options, exchange: undefined }, options.exchange);
    const { concurrencyKey } = options;
    if (concurrencyKey !== undefined) this.#options.gate?.check(concurrencyKey);
    const hasRoom = journal.hasRoom;
    try {
      if (concurrencyKey !== undefined) await writer.queue(undefined);
      else await (hasRoom ? writer.commit() : writer.queue(parts.clock.now()));
    } catch (error) {
      const key = options.idempotencyKey;
      if (key === undefined || !(error instanceof WorkflowError) || error.code !== "run.duplicate") throw error;
      const earlier = await this.#earlier(writer, key);
      return { id: earlier.id };
    }
    if (concurrencyKey !== undefined) void this.#startInTurn(run.id, concurrencyKey);
    else if (hasRoom) void this.#workAlone(run, frame);
    else journal.expect(parts.clock.now());
    return { id: run.id };
  }

  /** Starts a queued run when it is its turn. */
  async #startInTurn(id: string, key: string): Promise<void> {
    const { gate, journal, parts } = this.#options;
    if (gate === undefined) return;
    let slot: Slot;
    try {
      slot = await gate.enter(key);
    } catch (error) {
      parts.log.info("A queued run does not begin", { run: id, error: messageOf(error) });
      await journal.cancel(id, messageOf(error)).catch((failure: unknown) => {
        parts.log.error("A queued run cannot be cancelled", { run: id, error: messageOf(failure) });
      });
      return;
    }
    try {
      if (!(await journal.startQueued(id, slot))) slot.leave();
    } catch (error) {
      // It was accepted, so it keeps its place in the journal until the store can be used again.
      slot.leave();
      parts.log.warn("A queued run cannot begin yet", { run: id, error: messageOf(error) });
      journal.whenUsable(() => void this.#startInTurn(id, key));
    }
  }

  /** Goes on with a run that is in the journal. */
  resume(resumed: ResumedRun): void {
    const { gate } = this.#options;
    const { run, slot } = resumed;
    if (gate !== undefined && slot === undefined && run.concurrencyKey !== undefined) {
      const key = run.concurrencyKey;
      void this.#options.journal.shelve(run).then(
        () => this.#startInTurn(run.id, key),
        () => this.#options.journal.retryLater(run.id),
      );
      return;
    }
    void this.#resume(resumed).catch((error: unknown) => {
      const { parts, journal } = this.#options;
      parts.log.error("A run cannot be resumed", { run: resumed.run.id, error: messageOf(error) });
      journal.retryLater(resumed.run.id);
      slot?.leave();
    });
  }

  /** Waits for the runs under way until the deadline, then puts the rest aside: the journal has them. */
  async drain(deadline: AbortSignal): Promise<void> {
    const late = new Promise<void>((resolve) => {
      if (deadline.aborted) resolve();
      else deadline.addEventListener("abort", () => resolve(), { once: true });
    });
    const settled = () => Promise.allSettled([...this.#active].map((run) => run.outcome));
    await Promise.race([settled(), late]);
    for (const run of this.#active) run.cancel(new WorkflowError("run.suspended", "the run goes on later"));
    const { clock } = this.#options.parts;
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = clock.setTimeout(putAsideMs, resolve);
    await Promise.race([settled(), promise]);
    cancel();
  }

  #begin(
    data: Values,
    options: RunOptions,
    request = options.exchange,
  ): { readonly frame: RunFrame; readonly writer: RunWriter; readonly run: DurableRun } {
    const { parts, journal, requestParts, definition, isStrict } = this.#options;
    const id = Bun.randomUUIDv7();
    const createdAt = parts.clock.now();
    const requestValues = keptRequestParts(requestParts, request);
    const { pattern, callDepth, trigger, idempotencyKey, parent, concurrencyKey } = options;
    const input: RunInput = { data, request: requestValues, pattern, callDepth };
    const writer = journal.begin({
      id,
      pipeline: parts.name,
      definition: definition(),
      trigger,
      durability: isStrict ? "strict" : "durable",
      input,
      createdAt,
      idempotencyKey,
      inputHash: idempotencyKey === undefined ? undefined : hashOf(data),
      parent: parent?.runId,
      concurrencyKey,
    });
    const frame = new RunFrame({
      ...this.#frameOptions(input, createdAt),
      exchange: options.exchange,
      parentSignal: options.signal,
      durable: { id, requestValues: options.exchange === undefined ? requestValues : undefined },
    });
    // A client and a calling run learn of a failure; any other one is kept for somebody to look at.
    const isAwaited = options.exchange !== undefined || parent !== undefined;
    const run = new DurableRun({ parts, frame, writer, journal, isStrict, isAwaited });
    return { frame, writer, run };
  }

  #frameOptions(input: RunInput, startedAtMs: number): Omit<FrameOptions, "exchange" | "parentSignal" | "durable"> {
    const { parts, requestParts } = this.#options;
    return {
      pipeline: parts.name,
      data: input.data,
      pattern: input.pattern ?? "",
      log: parts.log,
      uuid: () => Bun.randomUUIDv7(),
      startedAtMs,
      callDepth: input.callDepth ?? 0,
      requestParts,
    };
  }

  /** Works on a run and tells those who wait for its end. */
  async #work(run: DurableRun, frame: RunFrame, from?: Continuation): Promise<RunOutcome> {
    const { timeoutMs, parts, journal } = this.#options;
    this.#active.add(run);
    const late = new WorkflowError("run.timeout", "context deadline exceeded");
    const cancelTimer =
      timeoutMs === undefined ? undefined : parts.clock.setTimeout(timeoutMs, () => frame.abort(late));
    try {
      const outcome = await run.start(from);
      if (outcome.kind === "completed") journal.tell(run.id, outcome);
      return outcome;
    } catch (error) {
      const isOver = !(error instanceof WorkflowError) || !["run.suspended", "store.failed"].includes(error.code);
      if (isOver) journal.tell(run.id, { error });
      throw error;
    } finally {
      cancelTimer?.();
      this.#active.delete(run);
    }
  }

  /** Works on a run that nobody waits for. */
  async #workAlone(run: DurableRun, frame: RunFrame, from?: Continuation): Promise<void> {
    try {
      await this.#work(run, frame, from);
    } catch (error) {
      const { log } = this.#options.parts;
      const isExpected =
        error instanceof WorkflowError && (error.code === "run.suspended" || error.code === "run.cancelled");
      const text = isExpected ? "Run ended early" : "Asynchronous run failed";
      log.log(isExpected ? "info" : "error", text, { run: run.id, error: messageOf(error) });
    }
  }

  async #resume(resumed: ResumedRun): Promise<void> {
    const { parts, journal, isStrict } = this.#options;
    const { run, slot } = resumed;
    const input = inputOf(resumed.input);
    const frame = new RunFrame({
      ...this.#frameOptions(input, run.createdAt),
      exchange: undefined,
      parentSignal: slot?.signal,
      durable: { id: run.id, requestValues: input.request },
    });
    const { durability, createdAt } = run;
    const facts = { id: run.id, pipeline: run.pipeline, definition: this.#options.definition(), trigger: run.trigger };
    const kept = { durability, input, createdAt, idempotencyKey: run.idempotencyKey, parent: run.parent };
    const writer = journal.reopen({ ...facts, ...kept }, { token: run.token, attempt: run.attempt });
    const isAwaited = run.parent !== undefined;
    const durable = new DurableRun({ parts, frame, writer, journal, isStrict, isAwaited });
    // Ends of processes that it has survived with a step done are not the run's doing.
    const ended = run.attempt - Math.max(resumed.steps.at(-1)?.attempt ?? 1, run.retried);
    if (ended >= attemptsMax) {
      const text = `the process ended ${ended} times during this run, and no step of it was done in between`;
      const error = new WorkflowError("run.poisoned", text);
      await writer.finish({ status: "failed", finishedAt: parts.clock.now(), error, deadLetterId: Bun.randomUUIDv7() });
      journal.tell(run.id, { error });
      slot?.leave();
      return;
    }
    const from = await this.#continuation(resumed, frame);
    parts.log.debug("Run resumed", { run: run.id, attempt: run.attempt });
    await this.#workAlone(durable, frame, from);
    slot?.leave();
  }

  async #continuation({ run, steps, wake, signalId }: ResumedRun, frame: RunFrame): Promise<Continuation> {
    const { parts, journal } = this.#options;
    const { index, done, lastSeq, compensationFailure } = restore(frame, await withValues(journal, steps), parts.steps);
    const isWaiting = run.waitSeq !== undefined && wake === undefined;
    const park = isWaiting
      ? {
          ...(run.wakeAt === undefined ? {} : { wakeAtMs: run.wakeAt }),
          ...(run.waitSignal === undefined ? {} : { signal: run.waitSignal }),
        }
      : undefined;
    const failure = run.error === undefined ? undefined : failureOf(run);
    const compensating =
      failure === undefined || run.failedStep === undefined
        ? undefined
        : { failure, done, firstFailure: compensationFailure };
    // The failed step is not run again: what comes has numbers, and keys, of its own.
    if (compensating !== undefined) frame.executed = lastSeq;
    return { index, wake, signalId, park, compensating };
  }

  /** Inserts a run with a key; the run that has the key when there is one. */
  async #commitOnce(writer: RunWriter, key: string): Promise<RunRow | undefined> {
    try {
      await writer.commit();
      return undefined;
    } catch (error) {
      if (!(error instanceof WorkflowError) || error.code !== "run.duplicate") throw error;
      return this.#earlier(writer, key);
    }
  }

  async #earlier(writer: RunWriter, key: string): Promise<RunRow> {
    const earlier = await this.#options.journal.findByKey(this.#options.parts.name, key);
    if (earlier === undefined) throw new WorkflowError("run.duplicate", `the run with the key ${key} is gone`);
    if (earlier.inputHash === writer.facts.inputHash) return earlier;
    throw new WorkflowError("run.key_reused", "this idempotency key was used for a request with other content");
  }

  /** What a second run with a key gives: what the first one gave. */
  async #repeat(earlier: RunRow, { exchange, parent, signal }: RunOptions): Promise<Values> {
    const { journal } = this.#options;
    if (parent !== undefined) return this.#resultOf(earlier, signal);
    if (earlier.finishedAt === undefined) {
      if (exchange === undefined) return {};
      throw new WorkflowError("run.duplicate", "the first request with this idempotency key is still being worked on");
    }
    if (exchange !== undefined && earlier.response !== undefined) repeatReply(exchange, earlier.response);
    else if (earlier.status !== "completed" && exchange !== undefined) throw failureOf(earlier);
    return earlier.status === "completed" ? valuesOf(journal, this, earlier) : {};
  }

  /** The result of a called run that an earlier attempt of the caller has started. */
  async #resultOf(earlier: RunRow, signal: AbortSignal | undefined): Promise<Values> {
    const { journal } = this.#options;
    const ended = journal.whenEnded(earlier.id);
    const now = (await journal.find(earlier.id)) ?? earlier;
    if (now.finishedAt === undefined) return this.#whileCalled(earlier.id, ended, signal);
    if (now.status === "completed") {
      const values = await valuesOf(journal, this, now);
      journal.tell(now.id, { values });
      return values;
    }
    if (now.status !== "failed") throw failureOf(now);
    // The caller's step is tried again: so is the run, from the step that failed.
    const { hash, source } = this.#options.definition();
    const at = journal.clock.now();
    await journal.commit([
      ["insertDefinition", hash, now.pipeline, source, at],
      ["retryRun", now.id, at, hash],
    ]);
    journal.look();
    return this.#whileCalled(now.id, ended, signal);
  }

  /** Waits for a called run while its caller does, and ends it with the caller. */
  async #whileCalled(id: string, ended: Promise<Values>, signal: AbortSignal | undefined): Promise<Values> {
    if (signal === undefined) return ended;
    const { promise, reject } = Promise.withResolvers<never>();
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
    try {
      return await Promise.race([ended, promise]);
    } catch (error) {
      const isPutAside = error instanceof WorkflowError && error.code === "run.suspended";
      if (signal.aborted && !isPutAside) await this.#options.journal.cancel(id, "the calling run has ended");
      throw error;
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }

  /** A frame with everything that a finished run has committed. */
  async valuesFrom(run: RunRow, steps: readonly StepRow[]): Promise<Values> {
    const { journal, parts } = this.#options;
    const input = inputOf(await journal.readMap(run.input));
    const options = this.#frameOptions(input, run.createdAt);
    const frame = new RunFrame({ ...options, exchange: undefined, parentSignal: undefined, durable: { id: run.id } });
    restore(frame, await withValues(journal, steps), parts.steps);
    return frame.current;
  }
}

/** A client may send a key itself, as `Idempotency-Key`. */
function withKey<T extends RunOptions>(options: T): T {
  const sent = options.idempotencyKey ?? options.exchange?.headers.get("idempotency-key") ?? undefined;
  if (sent === undefined || sent === "") return options;
  if (sent.length > keyLengthMax) {
    throw new WorkflowError("http.bad_request", `an Idempotency-Key has at most ${keyLengthMax} characters`);
  }
  return { ...options, idempotencyKey: sent };
}

const keyLengthMax = 255;

/** Time for runs that were told to stop to do so, in milliseconds. */
const putAsideMs = 5000;

async function valuesOf(journal: Journal, pipeline: DurablePipeline, run: RunRow): Promise<Values> {
  return pipeline.valuesFrom(run, await journal.steps(run.id));
}
