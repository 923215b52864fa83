import { rmSync } from "node:fs";
import { join } from "node:path";
import type { DurableOptions } from "./durable_option.ts";
import { atMost, type Figure, quantile, shown, told } from "./durable_report.ts";
import { askJournal, pause, postAll, startDurable, whenCounted } from "./durable_server.ts";

/** Due times are spread so that so many runs wake in a second. */
const perSecond = 100_000 / 60;

/** Time to accept and put aside all runs, and to restart the server, before the first of them is due. */
function leadMsOf(timers: number): number {
  return 10_000 + timers * 0.8;
}

/** Time after the last due time in which all runs must end. */
const endWithinMs = 60_000;

/** B9: runs asleep in the journal, a restart, and how exactly they wake. */
export async function measureTimers(options: DurableOptions): Promise<readonly Figure[]> {
  const directory = join(options.directory, "asleep");
  rmSync(directory, { recursive: true, force: true });
  const { timers } = options;
  const spreadMs = Math.round((timers * 1000) / perSecond);
  try {
    const { firstDueAt, acceptedInMs, memory } = await fill(directory, timers);
    const server = await startDurable(directory);
    const { nowMb } = server.memory();
    let peakMb: number;
    try {
      if (Date.now() > firstDueAt) throw new Error("runs became due before the restart; use fewer with --timers");
      await pause(firstDueAt + spreadMs - Date.now());
      const sql = "select count(*) as n from engine_run where status = 'completed'";
      await whenCounted(directory, { sql, wanted: timers, withinMs: endWithinMs });
      peakMb = server.memory().peakMb;
    } finally {
      await server.stop();
    }
    const errors = wakeErrors(directory);
    const work = `B9 ${timers} runs asleep, due within ${spreadMs / 1000} s`;
    const early = errors.filter((error) => error < 0).length;
    return [
      atMost(`${work}: late by, p99`, quantile(errors, 0.99), 50, "ms"),
      told(`${work}: late by, p50 / most`, `${shown(quantile(errors, 0.5))} / ${shown(quantile(errors, 1))} ms`),
      atMost(`${work}: woken too early`, early, 0, "runs"),
      atMost(`${work}: highest RSS while they wake`, peakMb, 200, "MB"),
      told(`${work}: RSS once put aside (highest) / after the restart`, `${memory} / ${shown(nowMb)} MB`),
      atMost(`${work}: restart until ready`, server.readyInMs, 2000, "ms"),
      told(`${work}: accepted and put aside`, `${shown((timers * 1000) / acceptedInMs)} runs/s`),
    ];
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

interface Filled {
  readonly firstDueAt: number;
  readonly acceptedInMs: number;
  readonly memory: string;
}

async function fill(directory: string, timers: number): Promise<Filled> {
  const server = await startDurable(directory);
  try {
    const began = Date.now();
    const leadMs = leadMsOf(timers);
    const firstDueAt = began + leadMs;
    await postAll(`${server.url}/timers`, timers, (index) => {
      const due = firstDueAt + Math.floor((index * 1000) / perSecond);
      return { due, until: new Date(due).toISOString() };
    });
    const sql = "select count(*) as n from engine_run where status = 'waiting'";
    await whenCounted(directory, { sql, wanted: timers, withinMs: leadMs });
    const { nowMb, peakMb } = server.memory();
    return { firstDueAt, acceptedInMs: Date.now() - began, memory: `${shown(nowMb)} (${shown(peakMb)})` };
  } finally {
    await server.stop();
  }
}

/** How much later than due the step after the sleep began, for each run, in milliseconds. */
function wakeErrors(directory: string): readonly number[] {
  return askJournal<{ error: number }>(
    directory,
    `select engine_step.started_at - json_extract(engine_run.input, '$.data.body.due') as error
      from engine_step join engine_run on engine_run.id = engine_step.run where engine_step.name = 'after'`,
  ).map(({ error }) => error);
}
