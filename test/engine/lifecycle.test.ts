import { expect, test } from "bun:test";
import { loadConfigText } from "../../src/config/load.ts";
import { messageOf, WorkflowError } from "../../src/error/error.ts";
import { probedEngine, probes } from "./fixture.ts";

const failure = (work: Promise<unknown>) =>
  work.then(
    () => "no failure",
    (error: unknown) => messageOf(error),
  );

test("a reload starts the new generation, opens it, and only then drains and closes the old", async () => {
  await using probed = probedEngine();
  await probed.apply(probes(["a", "test.probe", "mark: 1"], ["b", "test.probe", "mark: 1, other: a"]));
  await probed.apply(probes(["a", "test.probe", "mark: 2"]));
  await probed.engine.settled();
  expect(probed.events).toEqual([
    "create a/1",
    "create b/1",
    "start a/1",
    "start b/1",
    "open a/1",
    "open b/1",
    "create a/2",
    "start a/2",
    "open a/2",
    "drain a/1",
    "drain b/1",
    "close b/1",
    "close a/1",
  ]);
  expect(probed.engine.generationNumber).toBe(2);
});

test.each([
  ["create", 'failed to build workflow: failed to initialize modules: module "c": create of c failed'],
  ["start", 'failed to start workflow engine: failed to start application: module "c": start of c failed'],
  ["open", "failed to start workflow engine: open of c failed"],
])("a reload whose %s fails leaves the old generation running and nothing of the new", async (what, message) => {
  await using probed = probedEngine();
  await probed.apply(probes(["a", "test.probe", "mark: 1"]));
  const before = probed.engine.current;
  expect(
    await failure(probed.apply(probes(["b", "test.probe", "mark: 2"], ["c", "test.probe", `mark: 2, fail: ${what}`]))),
  ).toBe(message);
  expect(probed.engine.current).toBe(before);
  expect(probed.engine).toMatchObject({ isReady: true, generationNumber: 1, state: "running" });
  expect(probed.engine.lastReload).toMatchObject({ isOk: false, error: message });
  const started = probed.events.filter((event) => event.startsWith("start ") && event !== `${what} c/2`);
  const closed = probed.events.filter((event) => event.startsWith("close "));
  expect(closed.map((event) => event.replace("close", "start")).toSorted()).toEqual(
    started.filter((event) => !event.endsWith("a/1")).toSorted(),
  );
});

test("a failed reload is logged with its place, one record a problem", async () => {
  await using probed = probedEngine();
  await probed.apply(probes(["a", "test.probe"]));
  await failure(probed.apply(probes(["a", "nope"], ["b", "gone"])));
  const logged = probed.records.filter(({ level }) => level === "error");
  expect(logged.map(({ message, attributes }) => [message, attributes.error])).toEqual([
    ["Config reload failed", 'a.yaml:2:22: modules[0].type: unknown module type "nope"'],
    ["Config reload failed", 'a.yaml:3:22: modules[1].type: unknown module type "gone"'],
  ]);
});

test("what keeps the first generation from starting is thrown and not logged", async () => {
  await using probed = probedEngine();
  expect(await failure(probed.apply(probes(["a", "nope"])))).toStartWith("failed to build workflow: ");
  expect(probed.records.filter(({ level }) => level === "error")).toEqual([]);
  expect(probed.engine.isReady).toBe(false);
});

test("a carried module moves to the next generation while it is unchanged", async () => {
  await using probed = probedEngine();
  await probed.apply(probes(["c", "test.carried", "mark: 1"], ["a", "test.probe", "mark: 1"]));
  await probed.apply(probes(["a", "test.probe", "mark: 2"], ["c", "test.carried", "mark: 1"]));
  await probed.engine.settled();
  expect(probed.events.filter((event) => event.endsWith("c/1"))).toEqual([
    "create c/1",
    "start c/1",
    "open c/1",
    "open c/1",
  ]);
  await probed.apply(probes(["c", "test.carried", "mark: 3"]));
  await probed.engine.settled();
  expect(probed.events.filter((event) => event.endsWith("c/1")).slice(-2)).toEqual(["drain c/1", "close c/1"]);
});

test.each([
  ["its settings", ["c", "test.carried", "mark: 1, fail: nothing"]],
  ["its name", ["d", "test.carried", "mark: 1"]],
  ["its type", ["c", "test.probe", "mark: 1"]],
] as const)("a carried module is made anew when %s changes", async (_what, module) => {
  await using probed = probedEngine();
  await probed.apply(probes(["c", "test.carried", "mark: 1"]));
  await probed.apply(probes(module));
  expect(probed.events.filter((event) => event.startsWith("create "))).toHaveLength(2);
});

test("a carried module moves with what it refers to, and is made anew when that is", async () => {
  await using probed = probedEngine();
  const config = (mark: string, type = "test.carried") =>
    probes(["inner", type, `mark: ${mark}`], ["outer", "test.carried", "other: inner"]);
  await probed.apply(config("1"));
  await probed.apply(config("1"));
  expect(probed.events.filter((event) => event.startsWith("create "))).toEqual(["create inner/1", "create outer/"]);
  await probed.apply(config("2"));
  expect(probed.events.filter((event) => event.startsWith("create "))).toHaveLength(4);
  await probed.apply(config("3", "test.probe"));
  await probed.apply(config("3", "test.probe"));
  expect(probed.events.filter((event) => event === "create outer/")).toHaveLength(4);
});

test("a carried module survives a failed reload that had it too", async () => {
  await using probed = probedEngine();
  await probed.apply(probes(["c", "test.carried", "mark: 1"]));
  await failure(probed.apply(probes(["c", "test.carried", "mark: 1"], ["x", "test.probe", "fail: start"])));
  await failure(probed.apply(probes(["c", "test.carried", "mark: 1"], ["x", "test.probe", "fail: create"])));
  await failure(probed.apply(probes(["c", "test.carried", "mark: 1"], ["x", "test.probe", "fail: open"])));
  expect(probed.events.filter((event) => event.endsWith("c/1") && !event.startsWith("open"))).toEqual([
    "create c/1",
    "start c/1",
  ]);
  await probed.engine.close(AbortSignal.timeout(2000));
  expect(probed.events.filter((event) => event === "close c/1")).toHaveLength(1);
});

test("a carried module that comes back while its old generation drains is the same and stays alive", async () => {
  await using probed = probedEngine();
  await probed.apply(probes(["c", "test.carried", "mark: 1"], ["slow", "test.probe", "hold: true"]));
  await probed.apply(probes(["other", "test.probe"]));
  await probed.happened("drain slow/");
  await probed.apply(probes(["c", "test.carried", "mark: 1"]));
  probed.release();
  await probed.engine.settled();
  expect(probed.events.filter((event) => /^(create|start|close) c\/1$/.test(event))).toEqual([
    "create c/1",
    "start c/1",
  ]);
});

test("reloads run one after the other, and a newer waiting one takes the place of an older", async () => {
  await using probed = probedEngine();
  const results = await Promise.allSettled(
    ["1", "2", "3", "4"].map((mark) => probed.apply(probes(["a", "test.probe", `mark: ${mark}`]))),
  );
  expect(results.map((result) => (result.status === "fulfilled" ? "done" : messageOf(result.reason)))).toEqual([
    "done",
    "a newer reload took the place of this one",
    "a newer reload took the place of this one",
    "done",
  ]);
  const [, replaced] = results;
  expect(replaced?.status === "rejected" && replaced.reason instanceof WorkflowError && replaced.reason.status).toBe(
    409,
  );
  expect(probed.events.filter((event) => event.startsWith("create "))).toEqual(["create a/1", "create a/4"]);
});

test("a check builds everything and starts nothing", async () => {
  await using probed = probedEngine();
  const check = async (yaml: string) => {
    const { errors } = await probed.engine.check(loadConfigText(yaml, "a.yaml", "/nowhere"));
    return errors.map(({ message }) => message);
  };
  expect(await check(probes(["a", "test.probe"], ["c", "test.carried"]))).toEqual([]);
  expect(await check(probes(["a", "test.probe", "fail: create"]))).toEqual([
    'failed to initialize modules: module "a": create of a failed',
  ]);
  expect(probed.events.filter((event) => !event.startsWith("create "))).toEqual([]);
  expect(probed.engine.current).toBeUndefined();
});

test("after closing nothing is left, and a reload is refused", async () => {
  await using probed = probedEngine();
  await probed.apply(probes(["a", "test.probe"], ["c", "test.carried"]));
  const generation = probed.engine.current;
  expect(await probed.engine.close(AbortSignal.timeout(2000))).toEqual([]);
  expect(generation?.scope.size).toBe(0);
  expect(generation?.state).toBe("stopped");
  expect(probed.engine.state).toBe("stopped");
  expect(probed.events.slice(-4)).toEqual(["drain a/", "drain c/", "close c/", "close a/"]);
  expect(await failure(probed.apply(probes(["a", "test.probe"])))).toBe("the server is shutting down");
});

test("an error while closing is given back", async () => {
  await using probed = probedEngine();
  await probed.apply(probes(["a", "test.probe", "fail: close"]));
  const errors = await probed.engine.close(AbortSignal.timeout(2000));
  expect(errors.map(({ message }) => message)).toEqual([
    "closing generation/a failed: closing generation/a/probe failed: close of a failed",
  ]);
});

test("at debug level the log says what was built", async () => {
  await using probed = probedEngine();
  await probed.apply(probes(["a", "test.probe"]));
  const messages = probed.records.filter(({ level }) => level === "debug").map(({ message }) => message);
  expect(messages).toEqual([
    "Using factory for module type: test.probe",
    "Loaded service: a",
    "Configured pipeline: p (0 steps)",
  ]);
});
