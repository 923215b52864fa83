import { expect, test } from "bun:test";
import { JournalKeeper } from "../../../src/service/journal/keeper.ts";
import { Logger, LoggerCore, type LogRecord } from "../../../src/log/logger.ts";
import { Journal } from "../../../src/service/journal/journal.ts";
import type { RunFacts } from "../../../src/service/journal/run_writer.ts";
import { PrometheusMetrics } from "../../../src/service/telemetry/metrics.ts";
import { SqliteStore } from "../../../src/service/store/sqlite_store.ts";
import { ManualClock } from "../../harness/manual_clock.ts";

function make(retention = { finishedMs: 1000, undurableMax: 3 }) {
  const records: LogRecord[] = [];
  const log = new Logger(new LoggerCore("debug", [(record) => void records.push(record)]));
  const clock = new ManualClock(1_000_000);
  const metrics = new PrometheusMetrics();
  const journal = new Journal({ open: () => SqliteStore.openHere(":memory:"), clock, log, metrics });
  return { journal, keeper: new JournalKeeper(journal, { log, metrics, retention }), clock, metrics, records };
}

let count = 0;

function facts(more: Partial<RunFacts> = {}): RunFacts {
  const id = `00000000-0000-7000-8000-${String(++count).padStart(12, "0")}`;
  const definition = { hash: "h", source: "{}" };
  return {
    id,
    pipeline: "p",
    definition,
    trigger: "test",
    durability: "durable",
    input: { data: {} },
    createdAt: 1,
    ...more,
  };
}

const step = { seq: 1, phase: "step", name: "s", type: "step.set", status: "completed", nextIndex: 1 } as const;

test("finished runs are removed when they are older than they are kept, with everything of theirs", async () => {
  const { journal, keeper, clock } = make();
  const writer = journal.begin(facts());
  writer.step({ ...step, output: { long: "x".repeat(100_000) }, startedAt: 1, finishedAt: 2 });
  await writer.finish({ status: "completed", finishedAt: clock.now() });
  expect(await keeper.prune()).toBe(0);
  await clock.advance(1001);
  expect(await keeper.prune()).toBe(1);
  expect(await journal.list()).toEqual([]);
  expect(await journal.steps(writer.facts.id)).toEqual([]);
  expect(await journal.blob(writer.facts.id, "x")).toBeUndefined();
});

test("unfinished runs and runs of open dead letters stay, however old", async () => {
  const { journal, keeper, clock } = make();
  await journal.begin(facts()).commit();
  const failed = journal.begin(facts());
  await failed.finish({ status: "failed", finishedAt: 1, error: new Error("no"), deadLetterId: "letter" });
  await clock.advance(1_000_000);
  expect(await keeper.prune()).toBe(0);
  expect(await journal.list()).toHaveLength(2);
});

test("of runs that are not durable only the newest are kept", async () => {
  const { journal, keeper, clock } = make({ finishedMs: 1_000_000, undurableMax: 3 });
  for (let index = 0; index < 5; index++) {
    await journal.begin(facts({ durability: "none" })).finish({ status: "completed", finishedAt: clock.now() });
  }
  expect(await keeper.prune()).toBe(2);
  expect(await journal.list()).toHaveLength(3);
});

test("a run that nobody runs is found, counted and taken up again", async () => {
  const { journal, keeper, metrics } = make();
  const writer = journal.begin(facts());
  await writer.commit();
  await keeper.audit();
  const found = await keeper.audit();
  expect(found.get("running_without_owner")).toBe(1);
  expect(await metrics.expose()).toContain('workflow_journal_violations{check="running_without_owner"} 1');
  expect(await journal.find(writer.facts.id)).toMatchObject({ status: "queued" });
});

test.each([
  ["waiting_for_nothing", { status: "waiting" }],
  ["finished_and_open", { finished: 5 }],
])("a row that breaks the rule %s is counted", async (check, row) => {
  const { journal, keeper } = make();
  const { id } = facts();
  const none = [null, null, null, null, null] as const;
  const { status = "queued", finished = null } = row as { status?: string; finished?: number };
  const end = [null, null, null, null, 1, finished, null] as const;
  await journal.commit([["insertRun", id, "p", "h", "test", "durable", status, "{}", ...none, ...end]]);
  expect((await keeper.audit()).get(check)).toBe(1);
});

test("a gap in the steps of an unfinished run is counted", async () => {
  const { journal, keeper } = make();
  const writer = journal.begin(facts());
  writer.step({ ...step, startedAt: 1, finishedAt: 2 });
  writer.step({ ...step, seq: 3, startedAt: 1, finishedAt: 2 });
  await writer.commit();
  expect((await keeper.audit()).get("gap_in_steps")).toBe(1);
});
