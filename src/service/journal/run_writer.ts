import { messageOf, WorkflowError } from "../../error/error.ts";
import type { Park } from "../../port/frame.ts";
import { type StatementName, statements, type StoreOperation } from "../store/statement.ts";
import type { Store } from "../store/store.ts";
import { storedText } from "./blob.ts";
import { faultPoint } from "./fault_point.ts";
import { encodeValue } from "./payload.ts";
import type { RunEventFeed } from "./run_event_feed.ts";
import { RunEventSource } from "./run_event_source.ts";
import type { Durability, RunStatus } from "./run_row.ts";

/** What a run begins with. */
export interface RunFacts {
  readonly id: string;
  readonly pipeline: string;
  readonly definition: Definition;
  readonly trigger: string;
  readonly durability: Durability;
  /** What it starts with. */
  readonly input: RunInput;
  readonly createdAt: number;
  readonly idempotencyKey?: string | undefined;
  readonly inputHash?: string | undefined;
  readonly concurrencyKey?: string | undefined;
  readonly parent?: string | undefined;
  readonly replayOf?: string | undefined;
}

/** What a run starts with. */
export interface RunInput {
  readonly data: Readonly<Record<string, unknown>>;
  /** Parts of the HTTP request that the pipeline reads by name. */
  readonly request?: Readonly<Record<string, unknown>> | undefined;
  /** Route pattern of the request. */
  readonly pattern?: string | undefined;
  readonly callDepth?: number | undefined;
  /** Outputs that steps have without being run, by the name of the step. */
  readonly forced?: Readonly<Record<string, unknown>> | undefined;
}

/** A pipeline as it was written, and the hash that identifies it. */
export interface Definition {
  readonly hash: string;
  readonly source: string;
}

/** What a step did, as the journal keeps it. */
export interface StepRecord {
  readonly seq: number;
  readonly phase: "step" | "compensation";
  readonly name: string;
  readonly type: string;
  readonly status: "completed" | "failed" | "skipped";
  readonly output?: Readonly<Record<string, unknown>> | undefined;
  readonly error?: unknown;
  readonly nextIndex: number;
  readonly startedAt: number;
  readonly finishedAt: number;
}

/** How a run ended. */
export interface RunEnd {
  readonly status: "completed" | "failed" | "cancelled";
  readonly finishedAt: number;
  readonly error?: unknown;
  readonly failedStep?: string | undefined;
  /** What the client was answered, for repetitions of the request. */
  readonly response?: string | undefined;
  /** Puts the failed run among the dead letters. */
  readonly deadLetterId?: string | undefined;
}

/** Definitions that are known to be in the store, by hash. */
export type KnownDefinitions = Set<string>;

/** What a writer works with. */
export interface WriterSurroundings {
  readonly store: () => Store | Promise<Store>;
  readonly definitions: KnownDefinitions;
  /** Hears what is written, when somebody listens there as the writer is made. */
  readonly feed: RunEventFeed;
}

/** Writes the rows of one run. What is given to it is kept until `commit`. */
export class RunWriter {
  readonly facts: RunFacts;
  readonly token: number;
  readonly attempt: number;
  /** Whether another process, generation or waiting came before. */
  readonly isResumed: boolean;
  readonly #store: () => Store | Promise<Store>;
  readonly #definitions: KnownDefinitions;
  readonly #events: RunEventSource | undefined;
  #operations: StoreOperation[] = [];
  #isInserted: boolean;
  #pending: Promise<void> | undefined;

  constructor(
    facts: RunFacts,
    around: WriterSurroundings,
    held?: { readonly token: number; readonly attempt: number },
  ) {
    this.facts = facts;
    this.#store = around.store;
    this.#definitions = around.definitions;
    this.#isInserted = held !== undefined;
    this.isResumed = held !== undefined;
    this.token = held?.token ?? 1;
    this.attempt = held?.attempt ?? 1;
    const part = { isFirst: held === undefined, token: this.token, attempt: this.attempt };
    this.#events = around.feed.isIdle ? undefined : new RunEventSource(around.feed, facts, part);
  }

  /** Whether something waits for its commit, the run itself included. */
  get isDirty(): boolean {
    return !this.#isInserted || this.#operations.length > 0;
  }

  /** Keeps what a step did. Throws when its output cannot be kept, and then keeps nothing of it. */
  step(record: StepRecord): void {
    const { id } = this.facts;
    const output = record.output === undefined ? undefined : storedText(id, encodeValue(record.output));
    const { error } = record;
    this.#operations.push(...(output?.operations ?? []), [
      "insertStep",
      id,
      record.seq,
      this.attempt,
      record.phase,
      record.name,
      record.type,
      record.status,
      output?.column ?? null,
      error === undefined ? null : messageOf(error),
      codeOf(error),
      record.nextIndex,
      record.startedAt,
      record.finishedAt,
      this.token,
    ]);
    this.#events?.step(record);
  }

  /** Commits the result of one part of a step. */
  async item(seq: number, index: number, output: Readonly<Record<string, unknown>>): Promise<void> {
    const { id } = this.facts;
    const stored = storedText(id, encodeValue(output));
    const store = await this.#store();
    faultPoint("journal.before_item");
    await store.commit([...stored.operations, ["insertItem", id, seq, index, stored.column, this.token]]);
    faultPoint("journal.after_item");
  }

  /** Ends the wait of the run with the next commit. */
  endWait(signalId: string | undefined): void {
    this.#operations.push(["endWait", this.facts.id, this.token]);
    if (signalId !== undefined) this.#operations.push(["deleteSignal", signalId]);
  }

  /** Commits what is kept. Rejects with `run.lost` when the run has another owner, `run.duplicate` for a known key. */
  commit(): Promise<void> {
    if (!this.isDirty) return this.#pending ?? Promise.resolve();
    const pending = this.#commit("running", []);
    this.#pending = pending;
    return pending;
  }

  /** Commits that the run waits; `running` when its owner does so in memory. */
  park(seq: number, park: Park, status: "waiting" | "running"): Promise<void> {
    const operation: StoreOperation = [
      "parkRun",
      this.facts.id,
      this.token,
      status,
      seq,
      park.signal ?? null,
      park.wakeAtMs ?? null,
    ];
    return this.#commit("running", [operation]);
  }

  /** Commits the run as waiting for its turn, before any step. */
  queue(wakeAt: number | undefined): Promise<void> {
    return this.#commit("queued", [], wakeAt);
  }

  /** Commits that the compensation begins, and why. */
  compensate(failedStep: string, error: unknown): Promise<void> {
    const { id } = this.facts;
    return this.#commit("running", [
      ["startCompensation", id, this.token, messageOf(error), codeOf(error), failedStep],
    ]);
  }

  /** Commits the end of the run. */
  async finish(end: RunEnd): Promise<void> {
    const operations = this.endOperations(end);
    if (operations !== undefined) await this.#send(operations);
    this.announceEnd(end);
  }

  /** Tells those who listen that the run has ended. Who takes `endOperations` calls it. */
  announceEnd(end: RunEnd): void {
    this.#events?.end(end);
  }

  /** What must be written for the end of the run, for those who write it together with other runs. */
  endOperations(end: RunEnd): readonly StoreOperation[] | undefined {
    const { id, pipeline } = this.facts;
    const message = end.error === undefined ? null : messageOf(end.error);
    const failedStep = end.failedStep ?? null;
    const operations: StoreOperation[] = [];
    if (this.#isInserted) {
      operations.push(...this.#operations);
      const { token } = this;
      const { status, finishedAt, response = null } = end;
      operations.push(["finishRun", id, token, status, message, codeOf(end.error), failedStep, finishedAt, response]);
    } else {
      operations.push(...this.#insertion(end.status, undefined, end), ...this.#operations);
    }
    this.#operations = [];
    this.#isInserted = true;
    if (this.attempt > 1) {
      const isDone = end.status === "completed";
      const settled = isDone ? end.finishedAt : null;
      operations.push(["settleDeadLetter", id, isDone ? "resolved" : "pending", message, end.finishedAt, settled]);
    }
    if (end.deadLetterId !== undefined) {
      const { deadLetterId, finishedAt } = end;
      const code = codeOf(end.error) ?? "step.failed";
      const values = [deadLetterId, id, pipeline, failedStep ?? "", message ?? "", code, this.#input()] as const;
      operations.push(["insertDeadLetter", ...values, finishedAt]);
    }
    return operations;
  }

  async #commit(status: RunStatus, more: readonly StoreOperation[], wakeAt?: number): Promise<void> {
    const operations = [...(this.#isInserted ? [] : this.#insertion(status, wakeAt)), ...this.#operations, ...more];
    this.#operations = [];
    this.#isInserted = true;
    if (operations.length > 0) await this.#send(operations);
    this.#events?.begin();
  }

  async #send(operations: readonly StoreOperation[]): Promise<void> {
    faultPoint("journal.before_commit");
    const store = this.#store();
    const changed = await (store instanceof Promise ? await store : store).commit(operations);
    faultPoint("journal.after_commit");
    const stopped = operations[changed.length - 1];
    if (stopped === undefined || (changed.length === operations.length && !isRefused(stopped[0], changed.at(-1)))) {
      this.#definitions.add(this.facts.definition.hash);
      return;
    }
    const [name] = stopped;
    if (name !== "insertRun") throw new WorkflowError("run.lost", `run ${this.facts.id} has another owner`);
    const { pipeline, idempotencyKey } = this.facts;
    const text = `pipeline "${pipeline}" has a run with the key ${JSON.stringify(idempotencyKey)}`;
    throw new WorkflowError("run.duplicate", text);
  }

  #insertion(status: RunStatus, wakeAt: number | undefined, end?: RunEnd): StoreOperation[] {
    const { facts } = this;
    const { definition } = facts;
    const operations: StoreOperation[] = [];
    if (!this.#definitions.has(definition.hash)) {
      operations.push(["insertDefinition", definition.hash, facts.pipeline, definition.source, facts.createdAt]);
    }
    const input = storedText(facts.id, encodeValue(facts.input));
    operations.push(...input.operations, [
      "insertRun",
      facts.id,
      facts.pipeline,
      definition.hash,
      facts.trigger,
      facts.durability,
      status,
      input.column,
      facts.idempotencyKey ?? null,
      facts.inputHash ?? null,
      facts.concurrencyKey ?? null,
      facts.parent ?? null,
      facts.replayOf ?? null,
      wakeAt ?? null,
      end?.error === undefined ? null : messageOf(end.error),
      codeOf(end?.error),
      end?.failedStep ?? null,
      facts.createdAt,
      end?.finishedAt ?? null,
      end?.response ?? null,
    ]);
    return operations;
  }

  #input(): string {
    return storedText(this.facts.id, encodeValue(this.facts.input)).column;
  }
}

function isRefused(name: StatementName, changes: number | undefined): boolean {
  return changes === 0 && "isGuard" in statements[name];
}

function codeOf(error: unknown): string | null {
  if (error === undefined) return null;
  return error instanceof WorkflowError ? error.code : "step.failed";
}
