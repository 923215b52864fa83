import { expect, test } from "bun:test";
import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isPlainMap } from "../../../src/json/map.ts";
import { ManualClock } from "../../harness/manual_clock.ts";
import { serve, type TestServer, withServer } from "../../harness/server.ts";
import { artifactServer } from "./artifact_fixture.ts";

async function withArtifacts(): Promise<TestServer> {
  const clock = new ManualClock(Date.UTC(2026, 0, 2, 3, 4, 5, 678));
  const server = await serve(artifactServer(), { files: { "in.txt": "hello" }, clock });
  for (const key of ["b/2", "b/10", "b/c/1", "bb", "a"])
    await server.post("/upload", { key, source: join(server.directory, "in.txt"), by: "ann" });
  return server;
}

async function keysOf(server: TestServer, prefix: string): Promise<unknown> {
  const found: unknown = await (await server.post("/list", { prefix })).json();
  const list = isPlainMap(found) && Array.isArray(found.artifacts) ? found.artifacts : [];
  return list.map((artifact: unknown) => (isPlainMap(artifact) ? artifact.key : artifact));
}

test.each([
  ["", ["a", "b/10", "b/2", "b/c/1", "bb"]],
  ["b", ["b/10", "b/2", "b/c/1", "bb"]],
  ["b/", ["b/10", "b/2", "b/c/1"]],
  ["/b/", ["b/10", "b/2", "b/c/1"]],
  ["b/c", ["b/c/1"]],
  ["b/c/1", ["b/c/1"]],
  ["b/1", ["b/10"]],
  ["none/at/all", []],
  ["x", []],
])("the prefix %p finds %p", async (prefix, keys) => {
  await using server = await withArtifacts();
  expect(await keysOf(server, prefix)).toEqual(keys);
});

test("each artifact comes with its facts", async () => {
  await using server = await withArtifacts();
  expect(await (await server.post("/list", { prefix: "a" })).json()).toEqual({
    artifacts: [{ key: "a", size: 5, modified: "2026-01-02T03:04:05.678Z", metadata: { by: "ann", n: "5" } }],
    count: 1,
  });
});

test("a file that was put there by hand is listed without metadata, and a link is not", async () => {
  await using server = await withArtifacts();
  const root = join(server.directory, "data/artifacts");
  writeFileSync(join(root, "by-hand"), "123");
  symlinkSync("..", join(root, "circle"));
  symlinkSync("/etc", join(root, "b-link"));
  expect(await keysOf(server, "")).toEqual(["a", "b/10", "b/2", "b/c/1", "bb", "by-hand"]);
  expect(await (await server.post("/list", { prefix: "by-" })).json()).toMatchObject({
    artifacts: [{ key: "by-hand", size: 3, metadata: {} }],
  });
});

test.each(["../", "b/../../x", ".partial/"])("the prefix %p is refused", async (prefix) => {
  await using server = await withArtifacts();
  const answer = await server.post("/list", { prefix });
  expect(answer.status).toBe(400);
  expect(await answer.json()).toEqual({
    error: expect.stringContaining(`artifact_list step "act": artifact store "store": List "${prefix}": must not`),
  });
});

test("a prefix cannot lead through a link out of the store", async () => {
  await using server = await withArtifacts();
  symlinkSync("/etc", join(server.directory, "data/artifacts/etc"));
  expect((await server.post("/list", { prefix: "etc/" })).status).toBe(400);
});

test("`output` names the list, and without a prefix everything is in it", async () => {
  await using server = await serve(
    withServer(`
  - { name: store, type: storage.artifact, config: { basePath: ready } }
pipelines:
  p:
    trigger: { type: http, config: { path: /p, method: GET } }
    steps:
      - { name: act, type: step.artifact_list, config: { store: store, output: builds } }
      - name: answer
        type: step.json_response
        config: { body: { n: { _from: steps.act.builds }, c: { _from: steps.act.count } } }
`),
    { files: { "ready/x": "1" } },
  );
  expect(await (await server.get("/p")).json()).toMatchObject({ n: [{ key: "x", size: 1 }], c: 1 });
});
