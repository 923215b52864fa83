import { expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { serve, type TestServer } from "../../harness/server.ts";
import { artifactServer, badKeys } from "./artifact_fixture.ts";

const files = { "in.txt": "hello", secret: "secret" };

async function withArtifact(): Promise<TestServer> {
  const server = await serve(artifactServer(), { files });
  await server.post("/upload", { key: "b/a.txt", source: join(server.directory, "in.txt"), by: "ann" });
  return server;
}

test("copies the artifact, creating folders, and gives its metadata", async () => {
  await using server = await withArtifact();
  const dest = join(server.directory, "out/deep/x.txt");
  const answer = await server.post("/download", { key: "/b/a.txt", dest });
  expect(await answer.json()).toEqual({ key: "b/a.txt", dest, size: 5, metadata: { by: "ann", n: "5" } });
  expect(readFileSync(dest, "utf8")).toBe("hello");
  expect(readdirSync(join(server.directory, "out/deep"))).toEqual(["x.txt"]);
});

test("a large artifact arrives byte by byte", async () => {
  await using server = await serve(artifactServer());
  const bytes = Buffer.alloc(3_000_001, "0123456789abcdef!");
  writeFileSync(join(server.directory, "big"), bytes);
  await server.post("/upload", { key: "big", source: join(server.directory, "big"), by: "" });
  const dest = join(server.directory, "copy");
  expect(await (await server.post("/download", { key: "big", dest })).json()).toMatchObject({ size: 3_000_001 });
  expect(readFileSync(dest).equals(bytes)).toBe(true);
});

test("an artifact that is not there is a 404, and the target is left alone", async () => {
  await using server = await withArtifact();
  const dest = join(server.directory, "in.txt");
  const answer = await server.post("/download", { key: "b/none", dest });
  expect(answer.status).toBe(404);
  const text = `artifact_download step "act": artifact store "store": Download "b/none": not found`;
  expect(await answer.json()).toEqual({ error: expect.stringContaining(text) });
  expect(readFileSync(dest, "utf8")).toBe("hello");
});

test("a folder of artifacts is not one itself", async () => {
  await using server = await withArtifact();
  expect((await server.post("/download", { key: "b", dest: join(server.directory, "x") })).status).toBe(404);
});

test.each(badKeys)("refuses the key %p", async (key, reason) => {
  await using server = await withArtifact();
  const answer = await server.post("/download", { key, dest: join(server.directory, "x") });
  expect(answer.status).toBe(400);
  expect(await answer.json()).toEqual({ error: expect.stringContaining(`Download ${JSON.stringify(key)}: ${reason}`) });
  expect(existsSync(join(server.directory, "x"))).toBe(false);
});

test.each(["file", "folder/secret"])("a link out of the store is not followed: %s", async (key) => {
  await using server = await withArtifact();
  const { directory } = server;
  mkdirSync(join(directory, "outside"));
  writeFileSync(join(directory, "outside/secret"), "secret");
  symlinkSync(join(directory, "secret"), join(directory, "data/artifacts/file"));
  symlinkSync(join(directory, "outside"), join(directory, "data/artifacts/folder"));
  const answer = await server.post("/download", { key, dest: join(directory, "x") });
  expect(answer.status).toBe(400);
  expect(await answer.json()).toEqual({ error: expect.stringContaining(": leads out of its directory") });
  expect(existsSync(join(directory, "x"))).toBe(false);
});

test("a link inside the store is followed", async () => {
  await using server = await withArtifact();
  symlinkSync("b", join(server.directory, "data/artifacts/latest"));
  const dest = join(server.directory, "x");
  expect((await server.post("/download", { key: "latest/a.txt", dest })).status).toBe(200);
  expect(readFileSync(dest, "utf8")).toBe("hello");
});

test.each([
  ["in old form without metadata", `{"size":5,"modified":"2020-01-02T03:04:05.5Z","metadata":null}`, {}],
  ["of another size", `{"size":6,"modified":"2020-01-02T03:04:05Z","metadata":{"by":"bob"}}`, {}],
  ["that is no JSON", "{", {}],
  ["with odd keys", `{"size":5,"metadata":{"__proto__":"x","n":1}}`, { ["__proto__"]: "x", n: "1" }],
])("a sidecar %s does not keep the artifact from being read", async (_what, sidecar, metadata) => {
  await using server = await withArtifact();
  writeFileSync(join(server.directory, "data/artifacts/b/a.txt.meta"), sidecar);
  const dest = join(server.directory, "x");
  const answer = await server.post("/download", { key: "b/a.txt", dest });
  expect(await answer.text()).toBe(`${JSON.stringify({ dest, key: "b/a.txt", metadata, size: 5 })}\n`);
});

test("a value cannot lead the target upwards", async () => {
  await using server = await withArtifact();
  const answer = await server.post("/download", { key: "b/a.txt", dest: `${server.directory}/out/../../x` });
  expect(answer.status).toBe(400);
  expect(await answer.json()).toEqual({
    error: expect.stringContaining(`artifact_download step "act": 'dest' must not be led upwards by a value`),
  });
});
