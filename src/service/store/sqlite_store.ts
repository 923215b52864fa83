import { WorkflowError } from "../../error/error.ts";
import { StoreThread } from "./sqlite_thread.ts";
import type { StoreReply, StoreRequest } from "./sqlite_thread.ts";
import type { StatementName, StoreOperation, StoreRow, StoreValue } from "./statement.ts";
import type { Store } from "./store.ts";

interface Waiter<T> {
  resolve(value: T): void;
  reject(error: WorkflowError): void;
}

interface Waiting extends Waiter<readonly number[]> {
  readonly group: readonly StoreOperation[];
}

/** Takes requests to where the file is, and gives the answers. */
interface Channel {
  post(request: StoreRequest): void;
  end(): void;
}

/** Groups of one transaction. Guessed: large enough that the disk is the limit, small enough that nobody waits long. */
const groupsMax = 512;

/**
 * Transactions that the thread has before it at a time: one to work on and the next. What comes meanwhile shares the one
 * after that. Measured with 64 runs in flight: without a limit, a run costs a third more time of both threads.
 */
const transactionsMax = 2;

/** A store in one SQLite file. */
export class SqliteStore implements Store {
  readonly #channel: Channel;
  readonly #asked = new Map<number, Waiter<StoreReply>>();
  #waiting: Waiting[] = [];
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
      this.#waiting.push({ group, resolve, reject });
      this.#schedule();
    });
  }

  async rows(name: StatementName, ...values: readonly StoreValue[]): Promise<readonly StoreRow[]> {
    // What was given before must be seen.
    this.#sendAll();
    const answer = await this.#ask({ id: this.#nextId(), kind: "rows", name, values });
    return answer.kind === "rows" ? answer.rows : [];
  }

  async close(): Promise<void> {
    if (this.#broken !== undefined) return;
    this.#sendAll();
    try {
      await this.#ask({ id: this.#nextId(), kind: "close" });
    } finally {
      this.#broken ??= new WorkflowError("store.failed", "the store is closed");
      this.#channel.end();
    }
  }

  /** Sends what waits at the end of this turn, or when the thread is done with what it has. */
  #schedule(): void {
    if (this.#isScheduled || this.#transactions >= transactionsMax) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      if (this.#waiting.length > 0) this.#sendSome(this.#waiting.splice(0, groupsMax));
    });
  }

  #sendAll(): void {
    while (this.#waiting.length > 0) this.#sendSome(this.#waiting.splice(0, groupsMax));
  }

  #sendSome(some: readonly Waiting[]): void {
    const request: StoreRequest = { id: this.#nextId(), kind: "commit", groups: some.map(({ group }) => group) };
    this.#transactions++;
    const settle = () => {
      this.#transactions--;
      if (this.#waiting.length > 0) this.#schedule();
    };
    this.#ask(request).then(
      (answer) => {
        settle();
        const results = answer.kind === "committed" ? answer.results : [];
        for (const [index, { resolve, reject }] of some.entries()) {
          const result = results[index] ?? { error: "no answer" };
          if ("error" in result) reject(storeError(result.error));
          else resolve(result);
        }
      },
      (error: WorkflowError) => {
        settle();
        for (const { reject } of some) reject(error);
      },
    );
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

function storeError(message: string): WorkflowError {
  return new WorkflowError("store.failed", `the execution store failed: ${message}`);
}

function workerChannel(onReply: (reply: StoreReply) => void, onBreak: (why: string) => void): Channel {
  const worker = new Worker(workerAddress());
  worker.addEventListener("message", (event: MessageEvent<StoreReply>) => onReply(event.data));
  worker.addEventListener("error", (event: ErrorEvent) => onBreak(event.message));
  worker.addEventListener("close", () => onBreak("its thread has ended"));
  return { post: (request) => worker.postMessage(request, []), end: () => worker.terminate() };
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
