import type { StoreRow } from "../store/statement.ts";
import type { Store } from "../store/store.ts";
import { blobReference } from "./blob.ts";
import { type DeadLetter, type DeadLetterFilter, toDeadLetter } from "./dead_letter.ts";
import { decodeValue } from "./payload.ts";
import { type RunRow, type RunStatus, type StepRow, toRun, toStep } from "./run_row.ts";

/** Which runs are listed; times are epoch milliseconds. */
export interface RunFilter {
  readonly pipeline?: string | undefined;
  readonly status?: RunStatus | undefined;
  readonly since?: number | undefined;
  readonly until?: number | undefined;
  /** Only runs that began before this one. */
  readonly before?: string | undefined;
  readonly limit?: number | undefined;
  readonly offset?: number | undefined;
}

/** What can be read of a journal. */
export abstract class JournalReader {
  /** The store, once it is open. */
  abstract store(): Store | Promise<Store>;

  /** Resolves when runs that were recorded in the background can be read. */
  abstract settled(): Promise<void>;

  async find(id: string): Promise<RunRow | undefined> {
    const [row] = await this.rows("runById", id);
    return row === undefined ? undefined : toRun(row);
  }

  /** Runs, the newest first. */
  async list(filter: RunFilter = {}): Promise<readonly RunRow[]> {
    const {
      pipeline = null,
      status = null,
      since = null,
      until = null,
      before = null,
      limit = 50,
      offset = 0,
    } = filter;
    await this.settled();
    return (await this.rows("listRuns", pipeline, status, since, until, before, limit, offset)).map(toRun);
  }

  async findByKey(pipeline: string, key: string): Promise<RunRow | undefined> {
    const [row] = await this.rows("runByKey", pipeline, key);
    return row === undefined ? undefined : toRun(row);
  }

  async steps(id: string): Promise<readonly StepRow[]> {
    return (await this.rows("stepsOfRun", id)).map(toStep);
  }

  async definition(hash: string): Promise<string | undefined> {
    const [row] = await this.rows("definitionByHash", hash);
    return row === undefined ? undefined : String(row.source);
  }

  /** Committed results of the parts of a step. */
  async items(id: string, seq: number): Promise<ReadonlyMap<number, Record<string, unknown>>> {
    const done = new Map<number, Record<string, unknown>>();
    for (const { item, output } of await this.rows("itemsOfStep", id, seq)) {
      done.set(Number(item), await this.readMap(String(output)));
    }
    return done;
  }

  /** The value of a column, read from its blob when it is kept there. */
  async readValue(column: string): Promise<unknown> {
    const reference = blobReference(column);
    if (reference === undefined) return decodeValue(column);
    const parts = await this.rows("blobParts", reference.$blob);
    return decodeValue(parts.map(({ content }) => String(content)).join(""));
  }

  /** The map of a column; an empty one when it holds something else. */
  async readMap(column: string): Promise<Record<string, unknown>> {
    const value = await this.readValue(column);
    return typeof value === "object" && value !== null ? { ...value } : {};
  }

  /** Rows of a statement, for those who look after the journal. */
  query(...query: Parameters<Store["rows"]>): Promise<readonly StoreRow[]> {
    return this.rows(...query);
  }

  /** Whether a signal has come that nobody has taken. */
  async hasSignal(id: string, name: string): Promise<boolean> {
    return (await this.rows("firstSignal", id, name)).length > 0;
  }

  /** Dead letters, the newest first. */
  async deadLetters(filter: DeadLetterFilter = {}): Promise<readonly DeadLetter[]> {
    const { pipeline = null, step = null, status = null, errorCode = null, limit = 50, offset = 0 } = filter;
    return (await this.rows("listDeadLetters", pipeline, step, status, errorCode, limit, offset)).map(toDeadLetter);
  }

  async deadLetter(id: string): Promise<DeadLetter | undefined> {
    const [row] = await this.rows("deadLetterById", id);
    return row === undefined ? undefined : toDeadLetter(row);
  }

  /** How many dead letters there are. */
  async deadLetterCounts(
    filter: DeadLetterFilter,
  ): Promise<{ readonly total: number; readonly byStatus: Readonly<Record<string, number>> }> {
    const { pipeline = null, step = null, status = null, errorCode = null } = filter;
    const rows = await this.rows("countDeadLetters", pipeline, step, status, errorCode);
    const byStatus = Object.fromEntries(rows.map((row) => [String(row.status), Number(row.total)]));
    return { total: Object.values(byStatus).reduce((sum, count) => sum + count, 0), byStatus };
  }

  /** The parts of a long value of a run; undefined when the run has no such value. */
  async blob(id: string, hash: string): Promise<AsyncIterator<string, void> | undefined> {
    if ((await this.rows("blobUse", id, hash)).length === 0) return undefined;
    return this.#blobParts(hash);
  }

  async *#blobParts(hash: string): AsyncGenerator<string, void> {
    for (let part = 0; ; part++) {
      const [row] = await this.rows("blobPart", hash, part);
      if (row === undefined) return;
      yield String(row.content);
    }
  }

  protected async rows(...query: Parameters<Store["rows"]>): Promise<readonly StoreRow[]> {
    return (await this.store()).rows(...query);
  }
}
