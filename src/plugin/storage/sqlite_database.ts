import { WorkflowError } from "../../error/error.ts";
import type { Metrics } from "../../port/metrics.ts";
import type { Database, SqlValue } from "../../port/service.ts";
import type { Scope } from "../../scope/scope.ts";
import type { Clock } from "../../time/clock.ts";
import { numberedPlaceholders } from "./placeholder.ts";
import { SqliteConnection } from "./sqlite_connection.ts";
import type { SqliteOpenOptions, SqliteReply, SqliteRequest } from "./sqlite_message.ts";

/** Statements that may wait for a connection; guessed, so that a stalled disk fails requests and fills no memory. */
const waitingMax = 10_000;

/** Rewritten statements that are kept. */
const rewrittenMax = 1000;

/** What a database is and how many connections it may have. */
export interface SqliteDatabaseOptions {
  readonly name: string;
  readonly open: SqliteOpenOptions;
  readonly connectionsMax: number;
  readonly idleConnectionsMax: number;
  /** Age at which a connection is replaced, in milliseconds; zero for never. */
  readonly connectionLifetimeMs: number;
  readonly clock: Clock;
  readonly metrics: Metrics;
  /** What may help when the file cannot be opened. */
  readonly hint: () => string | undefined;
}

interface Job {
  readonly request: SqliteRequest;
  readonly mode: "read" | "write";
  readonly order: number;
  resolve(reply: SqliteReply): void;
  reject(error: unknown): void;
}

/**
 * A SQLite database behind connections in worker threads. SQLite has one writer at a time, so writes queue for one
 * connection here instead of contending for the file; queries take any.
 */
export class SqliteDatabase implements Database {
  readonly driver = "sqlite";
  readonly #options: SqliteDatabaseOptions;
  readonly #connectionsMax: number;
  readonly #isMemory: boolean;
  readonly #rewritten = new Map<string, string>();
  readonly #reads: Job[] = [];
  readonly #writes: Job[] = [];
  #writer: SqliteConnection | undefined;
  #readers: SqliteConnection[] = [];
  #scope: Scope | undefined;
  #order = 0;

  constructor(options: SqliteDatabaseOptions) {
    this.#options = options;
    this.#isMemory = options.open.path === ":memory:";
    // Each connection would see an in-memory database of its own.
    this.#connectionsMax = this.#isMemory ? 1 : options.connectionsMax;
  }

  /** Makes the database usable until the scope ends. Connections are opened when they are first needed. */
  start(scope: Scope): void {
    this.#scope = scope;
    const { metrics, name } = this.#options;
    const help = "Open connections of a database.";
    const removeGauge = metrics.gauge("database_connections", help, { module: name }, () => this.#connections().length);
    scope.defer("connections", async () => {
      removeGauge();
      await Promise.all(this.#connections().map((connection) => connection.close()));
    });
    scope.signal.addEventListener("abort", () => this.#refuseWaiting(), { once: true });
  }

  /** Opens a connection now, to learn whether it can be done. */
  async connect(signal: AbortSignal): Promise<void> {
    await this.query("select 1", [], signal);
  }

  async query(
    sql: string,
    parameters: readonly SqlValue[],
    signal: AbortSignal,
  ): Promise<readonly Record<string, unknown>[]> {
    const reply = await this.#submit({ kind: "query", sql: this.#rewrite(sql), values: parameters }, "read", signal);
    return reply.kind === "rows" ? reply.rows : [];
  }

  async execute(
    sql: string,
    parameters: readonly SqlValue[],
    signal: AbortSignal,
  ): Promise<{ readonly affectedRows: number; readonly lastId: string }> {
    const request: SqliteRequest = { kind: "execute", sql: this.#rewrite(sql), values: parameters };
    const reply = await this.#submit(request, "write", signal);
    return reply.kind === "done" ? reply : { affectedRows: 0, lastId: "0" };
  }

  /** SQLite numbers `$2, $1` by their appearance, which would swap the values; `?2, ?1` means what it says. */
  #rewrite(sql: string): string {
    let rewritten = this.#rewritten.get(sql);
    if (rewritten === undefined) {
      rewritten = numberedPlaceholders(sql);
      if (this.#rewritten.size >= rewrittenMax) this.#rewritten.clear();
      this.#rewritten.set(sql, rewritten);
    }
    return rewritten;
  }

  /** Rejects at once when the signal aborts; a statement that runs by then is completed, unobserved. */
  async #submit(request: SqliteRequest, mode: Job["mode"], signal: AbortSignal): Promise<SqliteReply> {
    signal.throwIfAborted();
    if (this.#scope === undefined) throw new WorkflowError("database.failed", "database connection is nil");
    const queue = mode === "read" ? this.#reads : this.#writes;
    if (queue.length >= waitingMax)
      throw new WorkflowError("database.failed", `${waitingMax} statements wait for the database already`);
    const { promise, resolve, reject } = Promise.withResolvers<SqliteReply>();
    const job: Job = { request, mode, order: this.#order++, resolve, reject };
    const onAbort = () => {
      const index = queue.indexOf(job);
      if (index >= 0) queue.splice(index, 1);
      reject(signal.reason);
    };
    signal.addEventListener("abort", onAbort, { once: true });
    queue.push(job);
    this.#dispatch(this.#scope);
    try {
      return await promise;
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }

  /** Gives waiting jobs to idle connections, and opens connections while there may be more. */
  #dispatch(scope: Scope): void {
    for (let free = this.#free(); free !== undefined; free = this.#free()) {
      const { connection, job } = free;
      connection.isBusy = true;
      void scope.spawn("statement", () => this.#serve(connection, job));
    }
  }

  #free(): { readonly connection: SqliteConnection; readonly job: Job } | undefined {
    for (const connection of [...this.#readers, ...(this.#writer === undefined ? [] : [this.#writer])]) {
      const job = connection.isBusy ? undefined : this.#next(connection);
      if (job !== undefined) return { connection, job };
    }
    if (this.#writer === undefined && this.#reads.length + this.#writes.length > 0) {
      this.#writer = this.#open();
      return this.#free();
    }
    if (this.#reads.length === 0 || this.#connections().length >= this.#connectionsMax) return undefined;
    this.#readers.push(this.#open());
    return this.#free();
  }

  /** The job that has waited longest of those the connection may do. */
  #next(connection: SqliteConnection): Job | undefined {
    const [read] = this.#reads;
    const [write] = connection === this.#writer ? this.#writes : [];
    if (write !== undefined && (read === undefined || write.order < read.order)) return this.#writes.shift();
    return this.#reads.shift();
  }

  async #serve(connection: SqliteConnection, first: Job): Promise<void> {
    for (let job: Job | undefined = first; job !== undefined; job = this.#next(connection)) {
      const { resolve, reject } = job;
      await connection.run(job.request).then(resolve, (error: unknown) => reject(this.#explained(connection, error)));
      if (connection.isBroken || this.#isOld(connection)) {
        await this.#drop(connection);
        if (this.#scope !== undefined) this.#dispatch(this.#scope);
        return;
      }
    }
    connection.isBusy = false;
    if (this.#connections().filter(({ isBusy }) => !isBusy).length > this.#options.idleConnectionsMax)
      if (!this.#isMemory) await this.#drop(connection);
  }

  /** Says which file it was when it could not be opened; a failed statement speaks for itself. */
  #explained(connection: SqliteConnection, error: unknown): unknown {
    if (!connection.isBroken || !(error instanceof WorkflowError)) return error;
    const { path } = this.#options.open;
    const text = `SQLite database ${JSON.stringify(path)}: ${error.message}`;
    return new WorkflowError(error.code, text, { hint: this.#options.hint(), cause: error });
  }

  #open(): SqliteConnection {
    return new SqliteConnection(this.#options.open, this.#options.clock.now());
  }

  #connections(): readonly SqliteConnection[] {
    return this.#writer === undefined ? this.#readers : [this.#writer, ...this.#readers];
  }

  #isOld(connection: SqliteConnection): boolean {
    const { connectionLifetimeMs, clock } = this.#options;
    if (this.#isMemory || connectionLifetimeMs === 0) return false;
    return clock.now() - connection.openedAt >= connectionLifetimeMs;
  }

  async #drop(connection: SqliteConnection): Promise<void> {
    if (connection === this.#writer) this.#writer = undefined;
    this.#readers = this.#readers.filter((other) => other !== connection);
    await connection.close();
  }

  #refuseWaiting(): void {
    this.#scope = undefined;
    const error = new WorkflowError("run.cancelled", "the database was closed");
    for (const job of [...this.#reads.splice(0), ...this.#writes.splice(0)]) job.reject(error);
  }
}
