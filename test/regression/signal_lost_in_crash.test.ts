import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serve, withServer } from "../harness/server.ts";

test("a signal that was committed when the server died wakes its run after the restart", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "workflow-signal-"));
  const yaml = withServer(`
pipelines:
  approval:
    trigger: { type: http, config: { path: /requests, method: POST, async: true } }
    steps:
      - { name: wait, type: step.wait_for_signal, config: { signal: approve } }
      - { name: say, type: step.log, config: { message: "approved by {{ .payload.by }}" } }
`);
  try {
    {
      await using server = await serve(yaml, { dataDir, logLevel: "debug" });
      const answer = await server.post("/requests", {});
      const run = answer.headers.get("location")?.split("/").at(-1) ?? "";
      await server.logged("Run waits");
      // The row alone is what a crash between the commit and the waking leaves.
      const insertion = ["insertSignal", "1", run, "approve", '{"by":"Ann"}', Date.now()] as const;
      expect(await server.services.journal?.commit([insertion])).toEqual([1]);
    }
    await using server = await serve(yaml, { dataDir });
    await server.logged("approved by Ann");
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});
