import { expect, test } from "bun:test";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ManualClock } from "../../../harness/manual_clock.ts";
import { serve, type TestServer } from "../../../harness/server.ts";
import { pipelineOf, traces } from "../fixture.ts";

/** Logs and publishes: something that must not be done twice. */
const work = (name: string) =>
  `{ type: step.log, message: "ran ${name}" }, { type: step.publish, name: out, topic: t, payload: {} }`;
/** What is no list keeps it busy for an hour. */
const wait = (collection: string) =>
  "{ type: step.retry_with_backoff, max_retries: 1, initial_delay: 1h, max_delay: 1h, " +
  `step: { type: step.foreach, collection: ${collection} } }`;

const steps: readonly [what: string, step: string, before: readonly string[], again: string][] = [
  [
    "iterations",
    `{ name: loop, type: step.foreach, config: { collection: body.l, concurrency: 2, steps: ` +
      `[${work("{{ .index }}")}, ${wait("item")}] } }`,
    ["ran 0", "ran 1"],
    "ran 1",
  ],
  [
    "branches",
    `{ name: par, type: step.parallel, config: { branches: [{ name: a, steps: [${work("a")}] }, ` +
      `{ name: b, steps: [${work("b")}, ${wait("path")}] }] } }`,
    ["ran a", "ran b"],
    "ran b",
  ],
];

/** Resolves when the result of the finished part is kept. */
async function committed({ services: { journal } }: TestServer, clock: ManualClock): Promise<void> {
  if (journal === undefined) throw new Error("no journal");
  const [run] = await journal.list({ pipeline: "p" });
  while ((await journal.items(run?.id ?? "", 1)).size === 0) await clock.advance(0);
}

test.each(steps)("finished %s are not repeated when the process ended", async (_what, step, before, again) => {
  const directory = mkdtempSync(join(tmpdir(), "workflow-restart-"));
  const [first, second] = [join(directory, "first"), join(directory, "second")];
  const yaml = pipelineOf([step]).replace("  p:\n", "  p:\n    durability: durable\n");
  const clock = new ManualClock(1_700_000_000_000);
  try {
    await using server = await serve(yaml, { dataDir: first, clock });
    const reply = server.post("/p", { l: [[], "no list"] }).catch(() => undefined);
    await server.logged(before[1] ?? "");
    await clock.advance(1000);
    expect(traces(server)).toEqual([...before]);
    await committed(server, clock);
    // What a process that ends now leaves behind.
    cpSync(first, second, { recursive: true });
    await using restarted = await serve(yaml, { dataDir: second, clock });
    await clock.advance(1000);
    await restarted.logged(again);
    expect(traces(restarted)).toEqual([again]);
    await Promise.all([server.engine.close(AbortSignal.abort()), restarted.engine.close(AbortSignal.abort())]);
    await reply;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
