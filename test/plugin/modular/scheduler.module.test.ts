import { expect, test } from "bun:test";
import { ManualClock } from "../../harness/manual_clock.ts";
import { check, serve, type TestServer } from "../../harness/server.ts";

const newYear = Date.UTC(2026, 0, 1);

const config = (scheduler: string) => `
modules:
  - { name: clock, type: scheduler.modular, config: ${scheduler} }
  - { name: first, type: messaging.handler }
  - { name: second, type: messaging.handler }
workflows:
  scheduler:
    jobs:
      - { scheduler: clock, job: first }
      - { scheduler: scheduler.provider, job: second }
`;

const ran = (server: TestServer) =>
  server.records
    .filter((record) => record.message === "Message received")
    .map((record) => record.attributes["handler"]);

test.each([
  ["every minute without an expression", "{}", 60_000],
  ["at the expression's times", `{ cronExpression: "0 9 * * *", timezone: UTC }`, 9 * 3_600_000],
  ["in the time zone", `{ cronExpression: "0 9 * * *", timezone: Europe/Paris }`, 8 * 3_600_000],
])("all jobs run %s", async (_name, scheduler, firstMs) => {
  const clock = new ManualClock(newYear);
  await using server = await serve(config(scheduler), { clock });
  await clock.advance(firstMs - 1);
  expect(ran(server)).toEqual([]);
  await clock.advance(1);
  expect(ran(server)).toEqual(["first", "second"]);
});

test("a reload leaves one timer, and the end leaves none", async () => {
  const clock = new ManualClock(newYear);
  {
    await using server = await serve(config("{}"), { clock });
    await server.reload(`${config("{}")}# a comment\n`);
    await server.engine.settled();
    await clock.advance(60_000);
    expect(ran(server)).toEqual(["first", "second"]);
  }
  expect(clock.pendingTimers).toBe(0);
});

test.each([
  [
    `{ cronExpression: "* * *" }`,
    /^3:71: .*"cronExpression" cannot be read: invalid cron expression "\* \* \*": expected 5 fields, got 3$/,
  ],
  [
    "{ timezone: Nowhere }",
    /^3:5: .*module "clock": invalid cron expression .* unknown time zone "Nowhere", use a name such as "Europe/,
  ],
])("%s is refused", async (scheduler, message) => {
  expect((await check(config(scheduler))).errors).toEqual([expect.stringMatching(message)]);
});
