import { expect, test } from "bun:test";
import { ManualClock } from "../../../harness/manual_clock.ts";
import { check, serve, withServer } from "../../../harness/server.ts";
import { nextTurn } from "../../../../src/time/turn.ts";

const sleeping = (config: string, more = "") =>
  withServer(`
pipelines:
  nap:${more}
    trigger: { type: http, config: { path: /nap, method: POST, async: true } }
    steps:
      - { name: rest, type: step.sleep, config: ${config} }
      - { name: after, type: step.log, config: { message: "awake at {{ .woke_at }}" } }
`);

test.each([
  ["{ duration: 90s }", 90_000, "1970-01-01T00:01:30Z"],
  ['{ duration: "{{ .body.wait }}" }', 7_200_000, "1970-01-01T02:00:00Z"],
  ['{ until: "1970-01-01T00:10:00Z" }', 600_000, "1970-01-01T00:10:00Z"],
  ['{ until: "1969-01-01T00:00:00Z" }', 0, "1970-01-01T00:00:00Z"],
])("%s goes on after %d ms and not before", async (config, waitMs, wokeAt) => {
  const clock = new ManualClock(0);
  await using server = await serve(sleeping(config), { clock });
  await server.post("/nap", { wait: "2h" });
  const journal = server.services.journal;
  if (waitMs > 0) {
    await until(async () => (await journal?.list())?.[0]?.status === "waiting");
    await clock.advance(waitMs - 1);
    expect(server.records.some(({ message }) => message.startsWith("awake"))).toBe(false);
    await clock.advance(1);
  }
  // The waker looks at the clock again at least every second of it.
  await server.logged(`awake at ${wokeAt}`);
});

test("with durability none and a short wait there is a clear error when the configuration is checked", async () => {
  const { errors } = await check(sleeping("{ duration: 1s }", "\n    durability: none"));
  expect(errors.join("\n")).toContain('step "rest" (type step.sleep) waits, which needs a durable run');
});

test("it cannot stand inside another step", async () => {
  const { errors } = await check(
    withServer(`
pipelines:
  loop:
    trigger: { type: http, config: { path: /loop, method: POST } }
    steps:
      - name: each
        type: step.foreach
        config: { collection: body.items, steps: [{ name: rest, type: step.sleep, duration: 1s }] }
`),
  );
  expect(errors.join("\n")).toContain('step "rest" (type step.sleep) cannot stand inside another step');
});

test.each([
  ["{}", "give either 'duration' or 'until'"],
  ['{ duration: 1s, until: "2026-01-01T00:00:00Z" }', "give either 'duration' or 'until'"],
])("%s is refused", async (config, text) => {
  const { errors } = await check(sleeping(config));
  expect(errors.join("\n")).toContain(`sleep step "rest": ${text}`);
});

test.each([
  ["{ duration: soon }", "'duration' is no duration: \"soon\""],
  ["{ until: tomorrow }", "'until' is no RFC 3339 time: \"tomorrow\""],
])("%s fails the run", async (config, text) => {
  await using server = await serve(sleeping(config));
  await server.post("/nap", {});
  const record = await server.logged("Asynchronous run failed");
  expect(String(record.attributes.error)).toContain(text);
});

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await nextTurn();
}
