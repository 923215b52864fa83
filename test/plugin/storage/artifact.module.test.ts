import { expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { check, serve, withServer } from "../../harness/server.ts";
import { artifactServer } from "./artifact_fixture.ts";

const files = { "in.txt": "hello" };

test.each([
  ["{}", "data/artifacts/a"],
  ["{ backend: filesystem }", "data/artifacts/a"],
  ["{ basePath: ./kept }", "kept/a"],
  ["{ basePath: kept, directory: other }", "other/kept/a"],
  ["{ backend: s3, endpoint: local }", "data/artifacts-s3-local/a"],
  ["{ backend: s3, endpoint: local, basePath: kept }", "kept/a"],
])("with %s the artifact stands at %s", async (config, path) => {
  await using server = await serve(artifactServer(config), { files });
  await server.post("/upload", { key: "a", source: join(server.directory, "in.txt"), by: "" });
  expect(existsSync(join(server.directory, path))).toBe(true);
});

test.each([
  ["{ maxSize: 4 }", 413],
  ["{ maxSize: 5 }", 200],
  ["{ maxSize: 1KiB }", 200],
  ["{ maxSize: 0 }", 200],
])("with %s five bytes are answered %i", async (config, status) => {
  await using server = await serve(artifactServer(config), { files });
  const answer = await server.post("/upload", { key: "a", source: join(server.directory, "in.txt"), by: "" });
  expect(answer.status).toBe(status);
  expect(existsSync(join(server.directory, "data/artifacts/a"))).toBe(status === 200);
  if (status === 413) {
    const text = `artifact store "store": Upload "a": size 5 exceeds limit 4`;
    expect(await answer.json()).toEqual({ error: expect.stringContaining(text) });
    expect(readdirSync(join(server.directory, "data/artifacts/.partial"))).toEqual([]);
  }
});

test.each([
  ["{ backend: s3 }", `artifact store "store": backend s3 is not available in this build`],
  ["{ backend: s3, endpoint: 'https://s3.example.com' }", `artifact store "store": backend s3 is not available`],
  ["{ backend: gcs }", `artifact store "store": backend gcs is not available in this build`],
  ["{ backend: ftp }", `must be one of filesystem, s3, gcs, got "ftp"`],
  ["{ maxSize: -1 }", ""],
])("%s is refused or warned of", async (config, text) => {
  const { errors, warnings } = await check(
    withServer(`  - { name: store, type: storage.artifact, config: ${config} }`),
  );
  const found = text === "" ? warnings : errors;
  expect(found).toContainEqual(expect.stringContaining(text === "" ? "maxSize" : text));
});

test("what a crash left unfinished is removed a day later", async () => {
  const yaml = artifactServer();
  await using server = await serve(yaml);
  const partial = join(server.directory, "data/artifacts/.partial");
  writeFileSync(join(partial, "old"), "");
  writeFileSync(join(partial, "young"), "");
  const twoDaysAgo = Date.now() / 1000 - 2 * 24 * 60 * 60;
  utimesSync(join(partial, "old"), twoDaysAgo, twoDaysAgo);
  await server.reload(artifactServer("{ maxSize: 100 }"));
  expect(readdirSync(partial)).toEqual(["young"]);
});

test("artifacts stay over a reload, and a path that is a file is refused", async () => {
  await using server = await serve(artifactServer(), { files });
  await server.post("/upload", { key: "a", source: join(server.directory, "in.txt"), by: "" });
  await server.reload(artifactServer());
  expect(await (await server.post("/list", { prefix: "" })).json()).toMatchObject({ count: 1 });
  mkdirSync(join(server.directory, "d"));
  await expect(server.reload(artifactServer("{ basePath: in.txt }"))).rejects.toThrow('in.txt" is not a directory');
  expect((await server.post("/list", { prefix: "" })).status).toBe(200);
});
