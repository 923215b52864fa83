import { expect, test } from "bun:test";
import { check } from "../../harness/server.ts";
import { pipelineOf, servePipeline } from "./fixture.ts";

const log = (config: string) => `{ name: note, type: step.log, config: ${config} }`;

test.each(["info", "warn", "error"] as const)("a message of level %s is logged with its step", async (level) => {
  await using server = await servePipeline([log(`{ level: ${level}, message: "saw {{ .method }}" }`)]);
  await server.post("/p");
  const record = await server.logged("saw POST");
  expect(record.level).toBe(level);
  expect(record.attributes).toEqual({ pipeline: "p", step: "note" });
});

test("the level is info unless it is given", async () => {
  await using server = await servePipeline([log("{ message: hello }")]);
  await server.post("/p");
  expect((await server.logged("hello")).level).toBe("info");
});

test("a debug message carries the pipeline's data, without headers", async () => {
  await using server = await servePipeline([log('{ level: debug, message: "{{ .headers.X-A }}" }')], {
    logLevel: "debug",
  });
  await server.post("/p", { n: 1 }, { "x-a": "seen" });
  const { attributes } = await server.logged("seen");
  expect(attributes.context).toEqual({ method: "POST", path: "/p", body: { n: 1 } });
});

test("an unknown level is refused", async () => {
  expect((await check(pipelineOf([log("{ message: x, level: loud }")]))).errors).toEqual([
    `13:68: pipeline "p": step "note" (type step.log): log step "note": 'level' must be one of debug, info, ` +
      `warn, error, got "loud"`,
  ]);
});
