import { rmSync } from "node:fs";
import { join } from "node:path";
import type { DurableOptions } from "./durable_option.ts";
import { atMost, type Figure, shown, told } from "./durable_report.ts";
import { askJournal, countIn, pause, postAll, startDurable, whenCounted } from "./durable_server.ts";

/** Until the runs that sleep are due; by then all must have been accepted and the process killed. */
const untilDueMs = 12_000;

/** Time for all runs to end after the restart. */
const endWithinMs = 60_000;

/** B8: the process is killed with runs in flight, some asleep and the rest in the middle of a call. */
export async function measureCrash(options: DurableOptions): Promise<readonly Figure[]> {
  const directory = join(options.directory, "crash");
  rmSync(directory, { recursive: true, force: true });
  const held = holdCalls();
  const calling = Math.ceil(options.runs * 0.15);
  try {
    await fillAndKill(directory, { runs: options.runs, calling, callUrl: held.url });
    held.release();
    const server = await startDurable(directory);
    try {
      const sql = "select count(*) as n from engine_run where finished_at is not null";
      await whenCounted(directory, { sql, wanted: options.runs, withinMs: endWithinMs });
    } finally {
      await server.stop();
    }
    return figuresOf(directory, { startedAt: server.startedAt, readyInMs: server.readyInMs, runs: options.runs });
  } finally {
    await held.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

interface Fill {
  readonly runs: number;
  readonly calling: number;
  readonly callUrl: string;
}

async function fillAndKill(directory: string, { runs, calling, callUrl }: Fill): Promise<void> {
  const server = await startDurable(directory);
  const dueAt = Date.now() + untilDueMs;
  const until = new Date(dueAt).toISOString();
  const sleeping = runs - calling;
  try {
    await postAll(`${server.url}/timers`, sleeping, () => ({ until }));
    await postAll(`${server.url}/calls`, calling, () => ({ url: callUrl }));
    const asleep = "select count(*) as n from engine_run where status = 'waiting'";
    await whenCounted(directory, { sql: asleep, wanted: sleeping, withinMs: untilDueMs });
    const begun = "select count(*) as n from engine_step where name = 'note'";
    await whenCounted(directory, { sql: begun, wanted: runs, withinMs: untilDueMs });
    const ended = countIn(directory, "select count(*) as n from engine_run where finished_at is not null");
    if (ended > 0) throw new Error(`${ended} runs ended before the process was killed`);
  } finally {
    await server.kill();
  }
  if (Date.now() > dueAt) throw new Error("the runs became due before the process was killed; use fewer with --runs");
  await pause(dueAt - Date.now());
}

interface Held {
  readonly url: string;
  /** Answers from now on. */
  release(): void;
  stop(): Promise<void>;
}

/** A server that takes calls and answers none of them until it is told to. */
function holdCalls(): Held {
  const released = Promise.withResolvers<void>();
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 0,
    async fetch() {
      await released.promise;
      return Response.json({ taken: true });
    },
  });
  return { url: String(server.url), release: () => released.resolve(), stop: () => server.stop(true) };
}

function figuresOf(
  directory: string,
  { startedAt, readyInMs, runs }: { readonly startedAt: number; readonly readyInMs: number; readonly runs: number },
): readonly Figure[] {
  const first = "select min(started_at) as n from engine_step where started_at >= ?1";
  const last = countIn(directory, "select max(finished_at) as n from engine_run");
  const ended = countIn(directory, "select count(*) as n from engine_run where status = 'completed'");
  // One row of a step that was done before belongs to the attempt that did it; a second one would be a repetition.
  const again = countIn(
    directory,
    `select count(*) as n from (
      select 1 from engine_step where status = 'completed' group by run, seq having count(*) > 1)`,
  );
  const ends = askJournal<{ status: string; n: number }>(
    directory,
    "select status, count(*) as n from engine_run group by status",
  );
  const work = `B8 kill -9 with ${runs} runs in flight`;
  return [
    atMost(
      `${work}: start of the process to the first resumed step`,
      countIn(directory, first, startedAt) - startedAt,
      300,
      "ms",
    ),
    told(`${work}: to ready / to the last end`, `${shown(readyInMs)} / ${shown(last - startedAt)} ms`),
    atMost(`${work}: lost (${ends.map(({ status, n }) => `${n} ${status}`).join(", ")})`, runs - ended, 0, "runs"),
    atMost(`${work}: completed steps that were run again`, again, 0, "steps"),
  ];
}
