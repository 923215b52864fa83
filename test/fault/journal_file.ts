import { Database } from "bun:sqlite";
import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";

/** A run as its row tells. */
export interface JournalRun {
  readonly id: string;
  readonly pipeline: string;
  readonly status: string;
  readonly attempt: number;
  readonly parent: string | null;
  readonly work: string;
  readonly wakeAt: number | null;
  readonly error: string | null;
}

/** A step as its row tells. */
export interface JournalStep {
  readonly run: string;
  readonly seq: number;
  readonly name: string;
  readonly type: string;
  readonly status: string;
}

/** What the journal holds at one moment. */
export interface JournalContent {
  readonly runs: readonly JournalRun[];
  readonly steps: readonly JournalStep[];
  /** `run/seq/item` of each finished part of a loop. */
  readonly items: readonly string[];
  /** Runs that have a signal which they have not taken. */
  readonly signalled: readonly string[];
  /** Runs that have a dead letter, one entry for each letter. */
  readonly deadLetters: readonly string[];
}

const file = (directory: string) => join(directory, "data", "workflow.db");

/** Reads the journal of a server that is not running. It is read from a copy: the file stays as the crash left it. */
export function readJournal(directory: string): JournalContent {
  const empty = { runs: [], steps: [], items: [], signalled: [], deadLetters: [] };
  return onCopy(directory, (database) => (hasTables(database) ? contentOf(database) : empty)) ?? empty;
}

/** What SQLite's own check says of the file of a server that is not running; `ok` when it is whole. */
export function integrityOf(directory: string): string {
  const check = (database: Database) => database.query<{ integrity_check: string }, []>("pragma integrity_check").get();
  return onCopy(directory, check)?.integrity_check ?? "no answer";
}

function onCopy<T>(directory: string, read: (database: Database) => T): T | undefined {
  if (!existsSync(file(directory))) return undefined;
  const copies = mkdtempSync(join(directory, "copy-"));
  try {
    for (const ending of ["", "-wal"]) {
      const from = file(directory) + ending;
      if (existsSync(from)) copyFileSync(from, join(copies, `workflow.db${ending}`));
    }
    using database = new Database(join(copies, "workflow.db"));
    return read(database);
  } finally {
    rmSync(copies, { recursive: true, force: true });
  }
}

/** How many runs are not finished, of a server that runs or not. */
export function countOpenRuns(directory: string): number {
  using database = new Database(file(directory), { readonly: true });
  if (!hasTables(database)) return 0;
  const sql = "select count(*) as total from engine_run where finished_at is null";
  return database.query<{ total: number }, []>(sql).get()?.total ?? 0;
}

function hasTables(database: Database): boolean {
  const sql = "select 1 from sqlite_master where name = 'engine_run'";
  return database.query(sql).get() !== null;
}

const itemKeys = "select run || '/' || seq || '/' || item as key from engine_item";

function contentOf(database: Database): JournalContent {
  const all = <T>(sql: string): readonly T[] => database.query<T, []>(sql).all();
  return {
    runs: all(`select id, pipeline, status, attempt, parent, wake_at as wakeAt, error,
        coalesce(json_extract(input, '$.data.body.work'), json_extract(input, '$.data.work'), '') as work
      from engine_run order by id`),
    steps: all("select run, seq, name, type, status from engine_step order by run, seq, attempt"),
    items: all<{ key: string }>(itemKeys).map(({ key }) => key),
    signalled: all<{ run: string }>("select run from engine_signal").map(({ run }) => run),
    deadLetters: all<{ run: string }>("select run from engine_dead_letter").map(({ run }) => run),
  };
}
