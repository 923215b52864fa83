import { WorkflowError } from "../../error/error.ts";
import { StoreThread } from "./sqlite_thread.ts";
import type { StoreRead, StoreReply, StoreRequest } from "./sqlite_thread.ts";
import type { StatementName, StoreOperation, StoreRow, StoreValue } from "./statement.ts";
import type { Store } from "./store.ts";
import { nextTurn } from "../../time/turn.ts";

interface Waiter<T> {
  resolve(value: T): void;
  reject(error: WorkflowError): void;
}

interface WaitingGroup extends Waiter<readonly number[]> {
  readonly group: readonly StoreOperation[];
}

interface WaitingRead extends Waiter<readonly StoreRow[]> {
  readonly read: StoreRead;
}

/** Takes requests to where the file is, and gives the answers. */
interface Channel {
  post(request: StoreRequest): void;
  end(): void;
}

/** Groups of one transaction. Guessed: large enough that the disk is the limit, small enough that nobody waits long. */
const groupsMax = 512;

/**
 * Transactions that the thread has before it at a time: one to work on and the next. What comes meanwhile shares
 * the one after that. Measured with 64 runs in flight: without a limit, a run costs a third more time of both threads.
 */
const transactionsMax = 2;

/**
 * Runs that go on in one turn of the event loop after their commit. More of them would keep requests waiting that have
 * nothing to do with the store.
 */
const sliceLength = 16;

/** A store in one SQLite file. */
export class SqliteStore implements Store {
  readonly #channel: Channel;
  readonly #asked = new Map<number, Waiter<StoreReply>>();
  #groups: WaitingGroup[] = [];
  #reads: WaitingRead[] = [];
  #isScheduled = false;
  #transactions = 0;
  #lastId = 0;
  #broken: WorkflowError | undefined;

  private constructor(makeChannel: (onReply: (reply: StoreReply) => void, onBreak: (why: string) => void) => Channel) {
    this.#channel = makeChannel(
      (answer) => this.#receive(answer),
      (why) => this.#break(why),
    );
  }

  /** Opens a file in a thread of its own. Rejects with `store.failed` when it cannot be used. */
  static open(path: string): Promise<SqliteStore> {
    return SqliteStore.#opened(new SqliteStore(workerChannel), path);
  }

  /** Opens a file, or `:memory:`, in the calling thread: for tests and for tools that do nothing else. */
  static openHere(path: string): Promise<SqliteStore> {
    return SqliteStore.#opened(new SqliteStore(directChannel), path);
  }

  static async #opened(store: SqliteStore, path: string): Promise<SqliteStore> {
    try {
      await store.#ask({ id: store.#nextId(), kind: "open", path });
      return store;
    } catch (error) {
      store.#channel.end();
      throw error;
    }
  }

  commit(group: readonly StoreOperation[]): Promise<readonly number[]> {
    return new Promise((resolve, reject) => {
      this.#groups.push({ group, resolve, reject });
      this.#schedule();
    });
  }

  rows(name: StatementName, ...values: readonly StoreValue[]): Promise<readonly StoreRow[]> {
    return new Promise((resolve, reject) => {
      this.#reads.push({ read: [name, values], resolve, reject });
      this.#schedule();
    });
  }

  async close(): Promise<void> {
    if (this.#broken !== undefined) return;
    while (this.#isWaiting) this.#send();
    try {
      await this.#ask({ id: this.#nextId(), kind: "close" });
    } finally {
      this.#broken ??= new WorkflowError("store.failed", "the store is closed");
      this.#channel.end();
    }
  }

  get #isWaiting(): boolean {
    return this.#groups.length + this.#reads.length > 0;
  }

  /** Sends what waits at the end of this turn, or when the thread is done with what it has. */
  #schedule(): void {
    if (this.#isScheduled || this.#transactions >= transactionsMax) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      if (this.#isWaiting) this.#send();
    });
  }

  #send(): void {
    const groups = this.#groups.splice(0, groupsMax);
    // A read sees every commit that was given before it, so it waits for the last of them.
    const reads = this.#groups.length === 0 ? this.#reads.splice(0) : [];
    void this.#work(groups, reads);
  }

  async #work(groups: readonly WaitingGroup[], reads: readonly WaitingRead[]): Promise<void> {
    this.#transactions++;
    const work = { groups: groups.map(({ group }) => group), reads: reads.map(({ read }) => read) };
    let answer: StoreReply;
    try {
      answer = await this.#ask({ id: this.#nextId(), kind: "work", ...work });
    } catch (error) {
      for (const { reject } of [...groups, ...reads]) reject(storeFailure(error));
      return;
    } finally {
      this.#transactions--;
      if (this.#isWaiting) this.#schedule();
    }
    const { committed, rows } = answer.kind === "worked" ? answer : { committed: [], rows: [] };
    for (const [index, waiter] of reads.entries()) settle(waiter, rows[index]);
    for (const [index, waiter] of groups.entries()) {
      if (index % sliceLength === sliceLength - 1) await nextTurn();
      settle(waiter, committed[index]);
    }
  }

  #ask(request: StoreRequest): Promise<StoreReply> {
    return new Promise((resolve, reject) => {
      if (this.#broken !== undefined) {
        reject(this.#broken);
        return;
      }
      this.#asked.set(request.id, { resolve, reject });
      this.#channel.post(request);
    });
  }

  #receive(answer: StoreReply): void {
    const waiter = this.#asked.get(answer.id);
    this.#asked.delete(answer.id);
    if (answer.kind === "failed") waiter?.reject(storeError(answer.message));
    else waiter?.resolve(answer);
  }

  #break(why: string): void {
    this.#broken ??= storeError(why);
    const all = [...this.#asked.values()];
    this.#asked.clear();
    for (const { reject } of all) reject(this.#broken);
  }

  #nextId(): number {
    return ++this.#lastId;
  }
}

function settle<T extends object>(
  { resolve, reject }: Waiter<T>,
  result: T | { readonly error: string } = unanswered,
): void {
  if ("error" in result) reject(storeError(String(result.error)));
  else resolve(result);
}

const unanswered = { error: "no answer" };

function storeFailure(error: unknown): WorkflowError {
  return error instanceof WorkflowError ? error : storeError(String(error));
}

function storeError(message: string): WorkflowError {
  return new WorkflowError("store.failed", `the execution store failed: ${message}`);
}

/** What is sent between the threads is text: copying nested lists as such costs the sender four times as much. */
function workerChannel(onReply: (reply: StoreReply) => void, onBreak: (why: string) => void): Channel {
  const worker = new Worker(workerAddress());
  worker.addEventListener("message", (event: MessageEvent<string>) => onReply(JSON.parse(event.data)));
  worker.addEventListener("error", (event: ErrorEvent) => onBreak(event.message));
  worker.addEventListener("close", () => onBreak("its thread has ended"));
  return { post: (request) => worker.postMessage(JSON.stringify(request), []), end: () => worker.terminate() };
}

function directChannel(onReply: (reply: StoreReply) => void): Channel {
  const thread = new StoreThread();
  return { post: (request) => onReply(thread.reply(request)), end: () => undefined };
}

/** In the executable, where everything is one file, the worker keeps the path it has below the root of the sources. */
function workerAddress(): string {
  if (!import.meta.dir.startsWith("/$bunfs/")) return new URL("./sqlite.worker.ts", import.meta.url).href;
  return new URL("./src/service/store/sqlite.worker.ts", import.meta.url).href;
}
