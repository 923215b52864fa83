import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SqliteStore } from "../../../src/service/store/sqlite_store.ts";
import type { StoreOperation } from "../../../src/service/store/statement.ts";

function insertRun(id: string, key: string | null = null): StoreOperation {
  const rest = [null, null, null, null, null, null, null, null, 1, null, null] as const;
  return ["insertRun", id, "p", "h", "test", "durable", "running", "{}", key, ...rest];
}

function insertStep(run: string, seq: number, token = 1): StoreOperation {
  return ["insertStep", run, seq, 1, "step", "s", "step.set", "completed", "{}", null, null, 1, 1, 1, token];
}

test("groups of one turn share a commit, and each has its own answer", async () => {
  await using store = await opened();
  const answers = await Promise.all([
    store.it.commit([insertRun("a"), insertStep("a", 1)]),
    store.it.commit([insertRun("b")]),
  ]);
  expect(answers).toEqual([[1, 1], [1]]);
  expect(await store.it.rows("runById", "b")).toMatchObject([{ id: "b", status: "running" }]);
});

test("a guard that changes nothing ends its group, and only its own", async () => {
  await using store = await opened();
  await store.it.commit([insertRun("a")]);
  const [refused, other] = await Promise.all([
    store.it.commit([insertRun("a"), insertStep("a", 1)]),
    store.it.commit([insertRun("b"), insertStep("b", 1)]),
  ]);
  expect(refused).toEqual([0]);
  expect(other).toEqual([1, 1]);
  expect(await store.it.rows("stepsOfRun", "a")).toEqual([]);
});

test("who holds an older token writes nothing", async () => {
  await using store = await opened();
  await store.it.commit([insertRun("a")]);
  await store.it.commit([["cancelRun", "a", 5, "enough"]]);
  expect(await store.it.commit([insertStep("a", 1)])).toEqual([0]);
});

test("a group that fails is undone alone, and the others of its turn are committed", async () => {
  await using store = await opened();
  await store.it.commit([insertRun("a"), insertStep("a", 1)]);
  const results = await Promise.allSettled([
    store.it.commit([insertRun("b"), insertStep("a", 1)]),
    store.it.commit([insertRun("c")]),
  ]);
  expect(results.map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
  expect(await store.it.rows("runById", "b")).toEqual([]);
  expect(await store.it.rows("runById", "c")).toHaveLength(1);
});

test("a run with the key of another one of its pipeline is refused", async () => {
  await using store = await opened();
  expect(await store.it.commit([insertRun("a", "key")])).toEqual([1]);
  expect(await store.it.commit([insertRun("b", "key")])).toEqual([0]);
  expect(await store.it.rows("runByKey", "p", "key")).toMatchObject([{ id: "a" }]);
});

test("a file is for one store at a time, and keeps what was committed", async () => {
  const directory = mkdtempSync(join(tmpdir(), "workflow-store-"));
  const path = join(directory, "data", "workflow.db");
  try {
    const first = await SqliteStore.open(path);
    await first.commit([insertRun("a")]);
    await expect(SqliteStore.open(path)).rejects.toThrow("another server uses this data directory");
    await first.close();
    await expect(first.commit([insertRun("b")])).rejects.toThrow("the store is closed");
    const second = await SqliteStore.open(path);
    expect(await second.rows("runById", "a")).toHaveLength(1);
    await second.close();
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});

test("dead letters of a run that has an open one are not doubled", async () => {
  await using store = await opened();
  const letter = (id: string): StoreOperation => ["insertDeadLetter", id, "a", "p", "s", "no", "step.failed", "{}", 1];
  expect(await store.it.commit([letter("1")])).toEqual([1]);
  expect(await store.it.commit([letter("2")])).toEqual([0]);
});

async function opened() {
  const store = await SqliteStore.openHere(":memory:");
  return { it: store, [Symbol.asyncDispose]: () => store.close() };
}
