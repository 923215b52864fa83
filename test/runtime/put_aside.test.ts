import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { restore } from "../../src/runtime/continuation.ts";
import { RunFrame } from "../../src/runtime/frame.ts";
import type { StepRow } from "../../src/service/journal/run_row.ts";
import { Logger, LoggerCore } from "../../src/log/logger.ts";
import { serve, withServer } from "../harness/server.ts";

test("an event whose run is put aside before its first commit is not lost", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "workflow-aside-"));
  const asked = Promise.withResolvers<void>();
  let isAnswering = false;
  using slow = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: () => {
      asked.resolve();
      return isAnswering ? new Response("{}") : new Promise<Response>(() => {});
    },
  });
  const yaml = withServer(`
triggers:
  eventbus:
    subscriptions: [{ topic: news, workflow: "pipeline:p" }]
pipelines:
  p:
    steps:
      - { name: read, type: step.http_call, config: { url: "http://127.0.0.1:${slow.port}/" } }
      - { name: said, type: step.log, config: { message: "read the news" } }
`);
  try {
    {
      const first = await serve(yaml, { dataDir });
      void first.services.events.publish("news", {});
      await asked.promise;
      await first.engine.close(AbortSignal.timeout(50));
      await first[Symbol.asyncDispose]();
    }
    isAnswering = true;
    await using second = await serve(yaml, { dataDir });
    await second.logged("read the news");
    await second.logged("Pipeline completed");
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}, 20_000);

test("a compensation that goes on still knows which of its steps failed before", () => {
  const frame = new RunFrame({
    pipeline: "p",
    data: {},
    exchange: undefined,
    pattern: "",
    parentSignal: undefined,
    log: new Logger(new LoggerCore("error", [])),
    uuid: () => "id",
    startedAtMs: 0,
    callDepth: 0,
    requestParts: [],
  });
  const row = (seq: number, more: Partial<StepRow>): StepRow & { value: Record<string, unknown> } => ({
    seq,
    attempt: 1,
    phase: "compensation",
    name: `undo-${seq}`,
    type: "step.log",
    status: "completed",
    output: undefined,
    error: undefined,
    errorCode: undefined,
    nextIndex: 0,
    startedAt: 0,
    finishedAt: 0,
    value: {},
    ...more,
  });
  const rows = [
    row(1, { phase: "step", name: "pay", status: "failed", error: "no money" }),
    row(2, {}),
    row(3, { status: "failed", error: "cannot undo" }),
  ];
  expect(restore(frame, rows, [])).toEqual({
    index: 0,
    done: ["undo-2", "undo-3"],
    lastSeq: 3,
    compensationFailure: "cannot undo",
  });
});
