import { WorkflowError } from "../../error/error.ts";
import type { SqliteOpenOptions, SqliteReply, SqliteRequest } from "./sqlite_message.ts";

interface Waiter {
  resolve(reply: SqliteReply): void;
  reject(error: WorkflowError): void;
}

/** One connection, in a worker thread. It takes one request at a time. */
export class SqliteConnection {
  readonly openedAt: number;
  isBusy = false;
  /** The thread has ended by itself; the connection is of no more use. */
  isBroken = false;
  readonly #worker: Worker;
  readonly #opening: Promise<unknown>;
  #waiter: Waiter | undefined;

  constructor(options: SqliteOpenOptions, openedAt: number) {
    this.openedAt = openedAt;
    this.#worker = new Worker(workerAddress());
    this.#worker.addEventListener("message", (event: MessageEvent<SqliteReply>) => this.#take()?.resolve(event.data));
    this.#worker.addEventListener("error", (event: ErrorEvent) => this.#break(event.message));
    this.#worker.addEventListener("close", () => this.#break("the connection was closed"));
    this.#opening = this.#post({ kind: "open", options });
    // Whoever uses the connection first learns of the failure; nobody may, and that is no reason to crash.
    this.#opening.catch(() => (this.isBroken = true));
  }

  /** Runs one statement. Rejects with `database.failed`. */
  async run(request: SqliteRequest): Promise<SqliteReply> {
    await this.#opening;
    return this.#post(request);
  }

  /** Closes the database and ends the thread. */
  async close(): Promise<void> {
    try {
      if (!this.isBroken) await this.run({ kind: "close" });
    } finally {
      this.#worker.terminate();
    }
  }

  async #post(request: SqliteRequest): Promise<SqliteReply> {
    if (this.isBroken) throw new WorkflowError("database.failed", "the connection was closed");
    const reply = await new Promise<SqliteReply>((resolve, reject) => {
      this.#waiter = { resolve, reject };
      this.#worker.postMessage(request, []);
    });
    if (reply.kind === "failed") throw new WorkflowError("database.failed", reply.message);
    return reply;
  }

  #take(): Waiter | undefined {
    const waiter = this.#waiter;
    this.#waiter = undefined;
    return waiter;
  }

  #break(reason: string): void {
    this.isBroken = true;
    this.#take()?.reject(new WorkflowError("database.failed", reason));
  }
}

/** In the executable, where everything is one file, the worker keeps the path it has below the root of the sources. */
function workerAddress(): string {
  const source = new URL("./sqlite.worker.ts", import.meta.url);
  if (!import.meta.dir.startsWith("/$bunfs/")) return source.href;
  return new URL("./src/plugin/storage/sqlite.worker.ts", import.meta.url).href;
}
