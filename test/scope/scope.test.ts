import { expect, test } from "bun:test";
import { Scope } from "../../src/scope/scope.ts";

/** A promise that the test settles. */
function gate() {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  return { promise, open: () => resolve(), fail: (error: Error) => reject(error) };
}

test("closing ends what was begun in reverse order, after aborting the signal", async () => {
  const scope = new Scope("s");
  const order: string[] = [];
  scope.signal.addEventListener("abort", () => order.push("abort"));
  scope.defer("first", () => void order.push("first"));
  scope.defer("second", async () => {
    await Promise.resolve();
    order.push("second");
  });
  expect(scope.size).toBe(2);
  expect(await scope.close()).toEqual([]);
  expect(order).toEqual(["abort", "second", "first"]);
  expect(scope).toMatchObject({ size: 0, isClosed: true });
});

test("closing twice ends everything once", async () => {
  const scope = new Scope("s");
  let count = 0;
  scope.defer("one", () => void count++);
  const [first, second] = [scope.close(), scope.close()];
  expect(first).toBe(second);
  await first;
  expect(count).toBe(1);
});

test("a cleanup that was taken back is not run", async () => {
  const scope = new Scope("s");
  let count = 0;
  const takeBack = scope.defer("one", () => void count++);
  takeBack();
  await scope.close();
  expect(count).toBe(0);
});

test("errors of cleanups are gathered, and the others run all the same", async () => {
  const scope = new Scope("s");
  const order: string[] = [];
  scope.defer("first", () => void order.push("first"));
  scope.defer("bad", () => {
    throw new Error("disk full");
  });
  scope.defer("worse", () => Promise.reject(new Error("gone")));
  const errors = await scope.close();
  expect(errors.map(({ message }) => message)).toEqual([
    "closing s/worse failed: gone",
    "closing s/bad failed: disk full",
  ]);
  expect(order).toEqual(["first"]);
});

test("a cleanup has a time limit, and is reported when it takes longer", async () => {
  const scope = new Scope("s", { cleanupTimeoutMs: 5 });
  scope.defer("hung", () => new Promise<void>(() => {}));
  expect((await scope.close()).map(({ message }) => message)).toEqual([
    "closing s/hung failed: not finished within 5 ms",
  ]);
});

test("what is begun in a closed scope ends at once", async () => {
  const failures: string[] = [];
  const scope = new Scope("s", { onFailure: ({ task }) => void failures.push(task) });
  await scope.close();
  const late = gate();
  scope.defer("late", late.open);
  await late.promise;
  scope.defer("bad", () => Promise.reject(new Error("x")));
  const ticks: string[] = [];
  scope.every("tick", 1, () => void ticks.push("tick"));
  const child = scope.child("c");
  const after = gate();
  new Scope("other").after("probe", 5, after.open);
  await after.promise;
  expect(child.isClosed).toBe(true);
  expect(failures).toEqual(["s/bad"]);
  expect(ticks).toEqual([]);
});

test("a child ends with its parent, or earlier by itself", async () => {
  const parent = new Scope("p");
  const ended: string[] = [];
  const early = parent.child("early");
  const late = parent.child("late");
  early.defer("x", () => void ended.push("early"));
  late.defer("x", () => void ended.push("late"));
  await early.close();
  expect(ended).toEqual(["early"]);
  expect(parent.size).toBe(1);
  await parent.close();
  expect(ended).toEqual(["early", "late"]);
  expect(late.signal.aborted).toBe(true);
});

test("an error in a child is an error of the parent", async () => {
  const parent = new Scope("p");
  parent.child("c").defer("x", () => Promise.reject(new Error("boom")));
  expect((await parent.close()).map(({ message }) => message)).toEqual([
    "closing p/c failed: closing p/c/x failed: boom",
  ]);
});

test("closing waits for tasks, which see the signal", async () => {
  const scope = new Scope("s");
  const order: string[] = [];
  void scope.spawn("task", async (signal) => {
    const ended = gate();
    signal.addEventListener("abort", ended.open, { once: true });
    await ended.promise;
    order.push("task ended");
  });
  await scope.close();
  order.push("closed");
  expect(order).toEqual(["task ended", "closed"]);
});

test("a task that fails closes its scope, or is told to whoever wants to know", async () => {
  const scope = new Scope("s");
  const work = gate();
  const task = scope.spawn("task", () => work.promise);
  work.fail(new Error("boom"));
  await task;
  expect(scope.isClosed).toBe(true);

  const failures: unknown[] = [];
  const watched = new Scope("w", { onFailure: ({ task: name, error }) => void failures.push([name, String(error)]) });
  await watched.spawn("task", () => Promise.reject(new Error("boom")));
  expect(failures).toEqual([["w/task", "Error: boom"]]);
  expect(watched.isClosed).toBe(false);
});

test("a task that ends by itself is no longer held", async () => {
  const scope = new Scope("s");
  await scope.spawn("task", () => Promise.resolve());
  await Promise.resolve();
  expect(scope.size).toBe(0);
});

test("a task that fails because the scope closes is no failure", async () => {
  const failures: string[] = [];
  const scope = new Scope("s", { onFailure: ({ task }) => void failures.push(task) });
  void scope.spawn("task", (signal) => {
    const ended = gate();
    signal.addEventListener("abort", () => ended.fail(new Error("aborted")));
    return ended.promise;
  });
  await scope.close();
  expect(failures).toEqual([]);
});

test("every calls again and again, one tick at a time, until the scope closes", async () => {
  const scope = new Scope("s");
  const third = gate();
  let running = 0;
  let count = 0;
  scope.every("tick", 1, async () => {
    running++;
    expect(running).toBe(1);
    await Promise.resolve();
    running--;
    if (++count === 3) third.open();
  });
  await third.promise;
  await scope.close();
  const before = count;
  const later = gate();
  new Scope("other").after("probe", 10, later.open);
  await later.promise;
  expect(count).toBe(before);
});

test("after calls once, and not at all when it is cancelled or the scope closes", async () => {
  const scope = new Scope("s");
  const called: string[] = [];
  scope.after("cancelled", 1, () => void called.push("cancelled"))();
  const done = gate();
  scope.after("once", 1, () => {
    called.push("once");
    done.open();
  });
  await done.promise;
  await Promise.resolve();
  scope.after("closed", 1, () => void called.push("closed"));
  await scope.close();
  const later = gate();
  new Scope("other").after("probe", 10, later.open);
  await later.promise;
  expect(called).toEqual(["once"]);
});

test("a tick that fails is told, and the next one comes", async () => {
  const failures: string[] = [];
  const second = gate();
  let count = 0;
  const scope = new Scope("s", { onFailure: ({ task }) => void failures.push(task) });
  scope.every("tick", 1, () => {
    if (++count === 2) second.open();
    throw new Error("boom");
  });
  await second.promise;
  await scope.close();
  expect(failures).toEqual(["s/tick", "s/tick"]);
});
