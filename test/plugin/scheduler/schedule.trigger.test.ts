import { expect, test } from "bun:test";
import { ManualClock } from "../../harness/manual_clock.ts";
import { check, serve, type TestServer } from "../../harness/server.ts";
import { nextTurn } from "../../../src/time/turn.ts";

const newYear = Date.UTC(2026, 0, 1);

const config = (trigger: string, rest = "") => `
modules: []
${trigger}
pipelines:
  p:
${rest}
    steps:
      - { name: tell, type: step.log, config: { message: "ran at {{ .trigger_time }} for {{ .who }}" } }
`;

/** What the pipeline said so far. */
const said = (server: TestServer) =>
  server.records.map((record) => record.message).filter((message) => message.startsWith("ran at"));

test("each job of the section has an expression of its own, and gets its params", async () => {
  const clock = new ManualClock(newYear);
  await using server = await serve(
    config(`triggers:
  schedule:
    jobs:
      - { cron: "0 */6 * * *", timezone: UTC, workflow: p, action: execute, params: { who: a } }
      - { cron: "30 9 * * 1-5", timezone: UTC, workflow: "pipeline:p", action: execute, params: { who: b } }`),
    { clock },
  );
  await clock.advance(12 * 3_600_000);
  expect(said(server)).toEqual([
    "ran at 2026-01-01T06:00:00Z for a",
    "ran at 2026-01-01T09:30:00Z for b",
    "ran at 2026-01-01T12:00:00Z for a",
  ]);
});

test("a pipeline's own schedule needs no action", async () => {
  const clock = new ManualClock(newYear);
  await using server = await serve(config("", `    trigger: { type: schedule, config: { cron: "@every 10s" } }`), {
    clock,
  });
  await clock.advance(25_000);
  expect(said(server)).toEqual([
    "ran at 2026-01-01T00:00:10Z for <no value>",
    "ran at 2026-01-01T00:00:20Z for <no value>",
  ]);
});

test.each([
  ["UTC", "2026-01-01T09:00:00Z"],
  ["Europe/Paris", "2026-01-01T08:00:00Z"],
  ["Asia/Tokyo", "2026-01-01T00:00:00Z"],
])("nine o'clock in %s is %s", async (timezone, expected) => {
  const clock = new ManualClock(newYear - 1);
  await using server = await serve(
    config("", `    trigger: { type: schedule, config: { cron: "0 9 * * *", timezone: ${timezone} } }`),
    { clock },
  );
  await clock.advance(86_400_000);
  await server.logged(`ran at ${expected} for <no value>`);
  expect(said(server)).toEqual([`ran at ${expected} for <no value>`]);
});

test("a reload leaves one timer, and the end leaves none", async () => {
  const clock = new ManualClock(newYear);
  const yaml = config("", `    trigger: { type: schedule, config: { cron: "@every 10s" } }`);
  {
    await using server = await serve(yaml, { clock });
    await server.reload(`${yaml}# a comment\n`);
    await server.engine.settled();
    await clock.advance(10_000);
    await server.logged("ran at 2026-01-01T00:00:10Z for <no value>");
    expect(said(server)).toEqual(["ran at 2026-01-01T00:00:10Z for <no value>"]);
  }
  expect(clock.pendingTimers).toBe(0);
});

test("a run that fails is logged, and the next one comes", async () => {
  const clock = new ManualClock(newYear);
  await using server = await serve(
    `
modules: []
pipelines:
  p:
    trigger: { type: schedule, config: { cron: "@every 10s" } }
    steps:
      - { name: fail, type: step.set, config: { values: { a: "{{ .missing.x }}" } } }
`,
    { clock },
  );
  const failuresOf = () => server.records.filter((record) => record.message.startsWith("Job execution failed: "));
  await clock.advance(20_000);
  while (failuresOf().length < 2) await nextTurn();
  const failures = failuresOf();
  expect(failures).toHaveLength(2);
  expect(failures[0]?.attributes).toMatchObject({ cron: "@every 10s", workflow: "pipeline:p" });
});

test.each([
  [
    'cron: "61 * * * *"',
    /^5:17: triggers\.schedule\.jobs\[0\]\.cron: .* cannot be read: invalid cron expression .* field 1 \("61"\)/,
  ],
  ["action: x", /^5:9: triggers\.schedule\.jobs\[0\]\.cron: required config field "cron" is missing/],
  ['cron: "@daily", timezone: Mars/Base', /unknown time zone "Mars\/Base"/],
])("a job with { %s } is refused", async (job, message) => {
  const { errors } = await check(
    `modules: []
triggers:
  schedule:
    jobs:
      - { ${job}, workflow: p }
pipelines: { p: { steps: [] } }
`,
  );
  expect(errors).toEqual([expect.stringMatching(message)]);
});
