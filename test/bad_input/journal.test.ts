import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Clock, systemClock } from "../../src/time/clock.ts";
import { startProcess } from "../harness/process.ts";
import { serve, type TestServer, withServer } from "../harness/server.ts";
import { nextTurn } from "../../src/time/turn.ts";

const durable = withServer(`
pipelines:
  order:
    durability: durable
    trigger: { type: http, config: { path: /orders, method: POST } }
    steps:
      - { name: note, type: step.set, config: { values: { id: "{{ .body.id }}" } } }
      - { name: answer, type: step.json_response, config: { status: 201, body: { id: "{{ .id }}" } } }
`);

const plain = durable.replace("    durability: durable\n", "");

async function firstRun(server: TestServer, pipeline: string) {
  const [run] = (await server.services.journal?.list({ pipeline })) ?? [];
  if (run === undefined) throw new Error("no run");
  return run;
}

test("a template that fails names run, step and cause in the record, and the client gets an id", async () => {
  await using server = await serve(durable.replace("{{ .body.id }}", "{{ .body.id.x }}"));
  const answer = await server.post("/orders", { id: 1 });
  expect(answer.status).toBe(500);
  expect(await answer.text()).not.toContain("evaluate");
  const run = await firstRun(server, "order");
  expect(run).toMatchObject({ status: "failed", failedStep: "note" });
  expect(run.error).toContain("can't evaluate field x");
});

test("a loop of jumps ends with an error after 10,000 steps, and its record is whole", async () => {
  await using server = await serve(
    withServer(`
pipelines:
  loop:
    trigger: { type: http, config: { path: /loop, method: POST, async: true } }
    steps:
      - { name: again, type: step.conditional, config: { field: method, routes: { POST: again } } }
`),
  );
  await server.post("/loop", {});
  await server.logged("Asynchronous run failed");
  const run = await firstRun(server, "loop");
  expect(run.error).toContain('pipeline "loop" executed more than 10000 steps; the last was "again"');
  expect(await server.services.journal?.steps(run.id)).toHaveLength(10_000);
});

test("an output of 50 MB is kept apart from its row, survives the wait, and is read as a stream", async () => {
  const values = Array.from({ length: 9 }, (_, index) => `v${index}: "{{ .body.text }}"`).join(", ");
  await using server = await serve(
    withServer(`
pipelines:
  big:
    trigger: { type: http, config: { path: /big, method: POST, async: true } }
    steps:
      - { name: make, type: step.set, config: { values: { ${values} } } }
      - { name: wait, type: step.wait_for_signal, config: { signal: go } }
      - { name: say, type: step.log, config: { message: "length {{ len .v8 }}" } }
`),
  );
  const answer = await server.post("/big", { text: "x".repeat(6_000_000) });
  const id = answer.headers.get("location")?.split("/").at(-1) ?? "";
  await server.manage(`/api/v1/executions/${id}/signals/go`, { method: "POST" });
  await server.logged("length 6000000");
  await server.logged("Pipeline completed");
  const timeline: unknown = await (await server.manage(`/api/v1/admin/executions/${id}/timeline`)).json();
  expect(timeline).toMatchObject({ steps: [{ step_name: "make", output_data: { length: 54_000_073 } }, {}, {}] });
  const { blob } = (timeline as { steps: { output_data: { blob: string } }[] }).steps[0]?.output_data ?? { blob: "" };
  const kept = await server.manage(`/api/v1/admin/executions/${id}/blobs/${blob}`);
  expect((await kept.text()).length).toBe(54_000_073);
}, 30_000);

test("a value that JSON cannot hold fails the step that gave it", async () => {
  await using server = await serve(durable, {});
  const { encodeValue } = await import("../../src/service/journal/payload.ts");
  const circular: Record<string, unknown> = {};
  circular.self = circular;
  expect(() => encodeValue({ a: [1, () => 1] })).toThrow(
    "the value at a.1 cannot be kept in the journal: it is a function",
  );
  expect(() => encodeValue(circular)).toThrow("it refers to itself or is nested too deeply");
  expect((await server.post("/orders", { id: 1 })).status).toBe(201);
});

test("a clock that is set back or forward moves waits with it and loses none", async () => {
  let offset = 0;
  const clock: Clock = { ...systemClock, now: () => systemClock.now() + offset };
  const nap = withServer(`
pipelines:
  nap:
    trigger: { type: http, config: { path: /nap, method: POST, async: true } }
    steps:
      - { name: rest, type: step.sleep, config: { duration: 1h } }
      - { name: after, type: step.log, config: { message: "awake" } }
`);
  await using server = await serve(nap, { clock });
  await server.post("/nap", {});
  offset = -3_600_000;
  await server.post("/nap", {});
  offset = 7_200_000;
  await server.logged("awake");
  const journal = server.services.journal;
  while ((await journal?.list({ status: "completed" }))?.length !== 2) await nextTurn();
});

test("a store that is no database keeps a durable configuration from starting, and says what to do", async () => {
  await using server = startProcess(["-config", "w.yaml", "-mgmt-addr", "127.0.0.1:0"], {
    files: {
      "w.yaml": durable,
      "data/workflow.db": "this is no database, and long enough to be read as one".repeat(100),
    },
  });
  const { code, stderr, stdout } = await server.ended;
  expect(code).toBe(1);
  const text = stderr + stdout;
  expect(text).toContain('pipeline "order" needs the execution store in ./data');
  expect(text).toContain("file is not a database");
  expect(text).toContain("w.yaml:");
  expect(text).toContain("-data-dir");
});

test("without durable pipelines the same server runs, and warns that nothing is recorded", async () => {
  await using server = startProcess(["-config", "w.yaml", "-mgmt-addr", "127.0.0.1:0"], {
    files: {
      "w.yaml": plain,
      "data/workflow.db": "this is no database, and long enough to be read as one".repeat(100),
    },
  });
  await server.printed(/level=WARN msg="Executions are not recorded" error="[^"]*file is not a database"/);
  await server.printed(/Workflow engine on/);
});

test("a second server in the same data directory is refused when it needs the store", async () => {
  await using first = startProcess(["-config", "w.yaml", "-mgmt-addr", "127.0.0.1:0"], {
    files: { "w.yaml": durable },
  });
  await first.printed(/Workflow engine on/);
  const dataDir = join(first.directory, "data");
  await using second = startProcess(["-config", "w.yaml", "-mgmt-addr", "127.0.0.1:0", "-data-dir", dataDir], {
    files: { "w.yaml": durable },
  });
  const { code, stderr, stdout } = await second.ended;
  expect(code).toBe(1);
  expect(stderr + stdout).toContain("another server uses this data directory");
});

test("with a full disk nothing accepted is lost, and work goes on when there is room", async () => {
  const directory = mkdtempSync(join(tmpdir(), "workflow-full-"));
  const yaml = withServer(`
pipelines:
  job:
    trigger: { type: http, config: { path: /jobs, method: POST, async: true } }
    steps:
      - { name: rest, type: step.sleep, config: { duration: "{{ .body.wait }}" } }
      - { name: say, type: step.log, config: { message: "done {{ .body.id }}" } }
`).replace("127.0.0.1:0", "127.0.0.1:0");
  writeFileSync(join(directory, "w.yaml"), yaml);
  const main = join(import.meta.dir, "../../src/main.ts");
  const limited = `trap "" XFSZ; ulimit -S -f 400; exec "$@"`;
  const args = [process.execPath, main, "-config", "w.yaml", "-mgmt-addr", "127.0.0.1:0", "-log-level", "debug"];
  const child = Bun.spawn(["bash", "-c", limited, "bash", ...args], {
    cwd: directory,
    stdout: "pipe",
    stderr: "inherit",
  });
  try {
    const lines = linesOf(child.stdout);
    const port = (await lines.found(/Workflow engine on \S*:(\d+)/))[1];
    const post = (body: unknown) =>
      fetch(`http://127.0.0.1:${port}/jobs`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
    const accepted: number[] = [];
    let refused = 0;
    for (let id = 1; refused < 3; id++) {
      const { status } = await post({ id, wait: "3s", fill: "x".repeat(20_000) });
      if (status === 202) accepted.push(id);
      else if (status === 503) refused++;
      else throw new Error(`unexpected status ${status}: ${lines.text}`);
    }
    expect(accepted.length).toBeGreaterThan(2);
    await lines.found(/code=store\.failed/);
    Bun.spawnSync(["prlimit", "--pid", String(child.pid), "--fsize=unlimited:"]);
    for (const id of accepted) await lines.found(new RegExp(`msg="done ${id}"`));
    expect((await post({ id: 0, wait: "1ms" })).status).toBe(202);
    await lines.found(/msg="done 0"/);
  } finally {
    child.kill("SIGKILL");
    await child.exited;
    rmSync(directory, { recursive: true, force: true });
  }
}, 30_000);

/** Text of a stream as it comes. */
function linesOf(stream: ReadableStream<Uint8Array>) {
  let text = "";
  let changed = Promise.withResolvers<void>();
  const reading = (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of stream) {
      text += decoder.decode(chunk, { stream: true });
      changed.resolve();
      changed = Promise.withResolvers<void>();
    }
  })();
  return {
    get text() {
      return text;
    },
    async found(pattern: RegExp): Promise<RegExpExecArray> {
      for (;;) {
        const match = pattern.exec(text);
        if (match !== null) return match;
        await Promise.race([changed.promise, reading]);
      }
    },
  };
}
