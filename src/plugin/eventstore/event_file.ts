import { Database } from "bun:sqlite";
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { asMap } from "../../json/map.ts";
import type { ExecutionFilter, StoredEvent } from "../../port/event_store.ts";
import type { WrittenEvent } from "./event_message.ts";

const schema = `
create table if not exists execution_events (
  id text primary key,
  execution_id text not null,
  sequence_num integer not null,
  event_type text not null,
  event_data text not null,
  created_at text not null,
  unique(execution_id, sequence_num)
);
create index if not exists execution_events_type on execution_events(event_type, execution_id);
create index if not exists execution_events_time on execution_events(created_at);`;

// Who repeats an event, as two generations do during a reload, does not add it twice.
const insertion = `insert into execution_events (id, execution_id, sequence_num, event_type, event_data, created_at)
  values (?1, ?2, (select coalesce(max(sequence_num), 0) + 1 from execution_events where execution_id = ?2), ?3, ?4, ?5)
  on conflict(id) do nothing`;

// The last of these events says where the execution is.
const executionIds = `select execution_id from (
    select started.execution_id, (
      select last.event_type from execution_events last
      where last.execution_id = started.execution_id and last.event_type in ('execution.started', 'execution.completed',
        'execution.failed', 'execution.cancelled', 'retry.attempted')
      order by last.sequence_num desc limit 1
    ) as last_type
    from execution_events started
    where started.event_type = 'execution.started'
      and (?1 is null or json_extract(started.event_data, '$.pipeline') = ?1)
  )
  where ?2 is null
    or ?2 = case when last_type in ('execution.started', 'retry.attempted') then 'running'
      else substr(last_type, 11) end
  order by execution_id desc limit ?3 offset ?4`;

const oldExecutions = `select distinct old.execution_id from execution_events old
  where old.created_at < ?1 and not exists (
    select 1 from execution_events later where later.execution_id = old.execution_id and later.created_at >= ?1)
  limit ?2`;

/** Executions that are removed in one transaction. */
const pruneBatch = 500;

interface EventRow {
  readonly id: string;
  readonly execution_id: string;
  readonly sequence_num: number;
  readonly event_type: string;
  readonly event_data: string;
  readonly created_at: string;
}

/** The events in their SQLite file. All of it is synchronous; a thread of its own runs it. */
export class EventFile {
  readonly #database: Database;

  /** Opens the file and creates it, its folder and the table when they are missing. */
  constructor(path: string) {
    mkdirSync(dirname(path), { recursive: true });
    this.#database = new Database(path, { create: true, readwrite: true });
    try {
      for (const pragma of ["busy_timeout = 5000", "journal_mode = wal", "synchronous = normal"])
        this.#database.run(`pragma ${pragma}`);
      this.#database.run(schema);
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  close(): void {
    this.#database.close();
  }

  append(events: readonly WrittenEvent[]): void {
    const insert = this.#database.query<unknown, [string, string, string, string, string]>(insertion);
    const all = this.#database.transaction(() => {
      for (const { id, run, type, data, at } of events) insert.run(id, run, type, data, at);
    });
    all.immediate();
  }

  events(run: string): readonly StoredEvent[] {
    const sql = "select * from execution_events where execution_id = ?1 order by sequence_num";
    return this.#database.query<EventRow, [string]>(sql).all(run).map(toEvent);
  }

  /** The events of the executions, one execution after the other. */
  executions({ pipeline, status, limit, offset }: ExecutionFilter): readonly StoredEvent[] {
    const ids = this.#database
      .query<{ execution_id: string }, [string | null, string | null, number, number]>(executionIds)
      .all(pipeline ?? null, status ?? null, limit, offset);
    return ids.flatMap(({ execution_id: id }) => this.events(id));
  }

  /** Removes executions of which nothing has been heard since a time; gives how many. */
  prune(before: string): number {
    const find = this.#database.query<{ execution_id: string }, [string, number]>(oldExecutions);
    const remove = this.#database.query<unknown, [string]>("delete from execution_events where execution_id = ?1");
    let removed = 0;
    for (let old = find.all(before, pruneBatch); old.length > 0; old = find.all(before, pruneBatch)) {
      this.#database.transaction(() => {
        for (const { execution_id: id } of old) remove.run(id);
      })();
      removed += old.length;
    }
    return removed;
  }
}

function toEvent({ event_data: text, ...row }: EventRow): StoredEvent {
  return { ...row, event_data: asMap(JSON.parse(text)) };
}
