import { expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ManualClock } from "../../harness/manual_clock.ts";
import { check, serve, withServer } from "../../harness/server.ts";
import { artifactServer, badKeys } from "./artifact_fixture.ts";

const files = { "in.txt": "hello" };

test("copies the file and keeps its facts beside it", async () => {
  await using server = await serve(artifactServer(), { files, clock: new ManualClock(Date.UTC(2026, 0, 2)) });
  const { directory } = server;
  const body = { key: "builds/1/app.txt", source: join(directory, "in.txt"), by: "ann" };
  const answer = await server.post("/upload", body);
  expect(await answer.json()).toEqual({ key: "builds/1/app.txt", store: "store", size: 5 });
  const stored = join(directory, "data/artifacts/builds/1/app.txt");
  expect(readFileSync(stored, "utf8")).toBe("hello");
  expect(JSON.parse(readFileSync(`${stored}.meta`, "utf8"))).toEqual({
    size: 5,
    modified: "2026-01-02T00:00:00Z",
    metadata: { by: "ann", n: "5" },
  });
  expect(readdirSync(join(directory, "data/artifacts/.partial"))).toEqual([]);
});

test("replaces content and metadata", async () => {
  await using server = await serve(artifactServer(), { files });
  const source = join(server.directory, "in.txt");
  await server.post("/upload", { key: "a", source, by: "ann" });
  writeFileSync(source, "hello again");
  await server.post("/upload", { key: "a", source, by: "bob" });
  expect(await (await server.post("/list", { prefix: "" })).json()).toMatchObject({
    artifacts: [{ key: "a", size: 11, metadata: { by: "bob", n: "5" } }],
    count: 1,
  });
});

test.each(badKeys)("refuses the key %p", async (key, reason) => {
  await using server = await serve(artifactServer(), { files });
  const answer = await server.post("/upload", { key, source: join(server.directory, "in.txt"), by: "" });
  expect(answer.status).toBe(400);
  const text = `artifact_upload step "act": artifact store "store": Upload ${JSON.stringify(key)}: ${reason}`;
  expect(await answer.json()).toEqual({ error: expect.stringContaining(text) });
  expect(readdirSync(join(server.directory, "data"))).toEqual(["artifacts"]);
  expect(readdirSync(join(server.directory, "data/artifacts"))).toEqual([".partial"]);
  expect(readdirSync(join(server.directory, "data/artifacts/.partial"))).toEqual([]);
});

test.each([
  ["/etc/passwd", "etc/passwd"],
  ["//etc/passwd", "etc/passwd"],
  ["%2e%2e/x", "%2e%2e/x"],
  ["..%2fx", "..%2fx"],
  ["...", "..."],
  ["__proto__", "__proto__"],
])("the key %p stays inside, as %s", async (key, path) => {
  await using server = await serve(artifactServer(), { files });
  const answer = await server.post("/upload", { key, source: join(server.directory, "in.txt"), by: "" });
  expect(await answer.json()).toEqual({ key: path, store: "store", size: 5 });
  expect(readFileSync(join(server.directory, "data/artifacts", path), "utf8")).toBe("hello");
});

test.each(["link/x", "link/new/x", "gone/x"])("a link out of the store is not followed: %s", async (key) => {
  await using server = await serve(artifactServer(), { files });
  const { directory } = server;
  mkdirSync(join(directory, "outside"));
  symlinkSync(join(directory, "outside"), join(directory, "data/artifacts/link"));
  symlinkSync(join(directory, "nowhere"), join(directory, "data/artifacts/gone"));
  const answer = await server.post("/upload", { key, source: join(directory, "in.txt"), by: "" });
  expect(answer.status).toBe(400);
  expect(await answer.json()).toEqual({ error: expect.stringContaining(`: leads out of its directory`) });
  expect(readdirSync(join(directory, "outside"))).toEqual([]);
  expect(existsSync(join(directory, "nowhere"))).toBe(false);
  expect(readdirSync(join(directory, "data/artifacts/.partial"))).toEqual([]);
});

test("a link in the place of the artifact is replaced, and what it led to stays", async () => {
  await using server = await serve(artifactServer(), { files: { ...files, secret: "secret" } });
  const { directory } = server;
  symlinkSync(join(directory, "secret"), join(directory, "data/artifacts/a"));
  expect((await server.post("/upload", { key: "a", source: join(directory, "in.txt"), by: "" })).status).toBe(200);
  expect(readFileSync(join(directory, "secret"), "utf8")).toBe("secret");
  expect(readFileSync(join(directory, "data/artifacts/a"), "utf8")).toBe("hello");
});

test.each([
  ["a", "a/b", `"a" is a file, not a folder`],
  ["a/b", "a", "is a folder of other artifacts"],
])("with %p there, %p is refused", async (first, second, reason) => {
  await using server = await serve(artifactServer(), { files });
  const source = join(server.directory, "in.txt");
  await server.post("/upload", { key: first, source, by: "" });
  const answer = await server.post("/upload", { key: second, source, by: "" });
  expect(answer.status).toBe(400);
  expect(await answer.json()).toEqual({ error: expect.stringContaining(`Upload "${second}": ${reason}`) });
  expect(readdirSync(join(server.directory, "data/artifacts/.partial"))).toEqual([]);
});

test("content and metadata of uploads at the same time belong together", async () => {
  const sources = { "1.txt": "1".repeat(100_000), "2.txt": "2".repeat(200_000), "3.txt": "3".repeat(300_000) };
  await using server = await serve(artifactServer(), { files: sources });
  const upload = (by: string) => server.post("/upload", { key: "a", source: join(server.directory, `${by}.txt`), by });
  await Promise.all(["1", "2", "3", "1", "2", "3"].map(upload));
  const path = join(server.directory, "data/artifacts/a");
  const by = readFileSync(path, "utf8")[0];
  expect(JSON.parse(readFileSync(`${path}.meta`, "utf8"))).toMatchObject({
    size: Number(by) * 100_000,
    metadata: { by },
  });
});

test("a source that is no file fails the step and tells the client nothing", async () => {
  await using server = await serve(artifactServer());
  const answer = await server.post("/upload", { key: "a", source: server.directory, by: "" });
  expect(answer.status).toBe(500);
  expect(await answer.json()).toEqual({ error: "internal error", id: expect.any(String) });
  expect(existsSync(join(server.directory, "data/artifacts/a"))).toBe(false);
});

test("a value put into the source cannot lead upwards, the configuration can", async () => {
  const yaml = (source: string) =>
    withServer(`
  - { name: store, type: storage.artifact }
pipelines:
  p:
    trigger: { type: http, config: { method: POST, path: /p } }
    steps:
      - { name: act, type: step.artifact_upload, config: { store: store, key: k, source: "${source}" } }
      - { name: answer, type: step.json_response, config: { body_from: steps.act } }
`);
  await using server = await serve(yaml("{{ .body.folder }}/inner/../{{ .body.name }}"), { files });
  const folder = server.directory;
  mkdirSync(join(folder, "inner"));
  expect((await server.post("/p", { folder, name: "in.txt" })).status).toBe(200);
  const refused = await server.post("/p", { folder: `${folder}/inner`, name: "../in.txt" });
  expect(refused.status).toBe(400);
  expect(await refused.json()).toEqual({
    error: expect.stringContaining(`artifact_upload step "act": 'source' must not be led upwards by a value`),
  });
});

test("store, key and source are required, and an unknown store is a warning", async () => {
  const step = (config: string) => `
pipelines:
  p:
    trigger: { type: http, config: { path: /p } }
    steps:
      - { name: act, type: step.artifact_upload, config: ${config} }
`;
  const { errors } = await check(withServer(step("{}")));
  const about = `13:58: pipeline "p": step "act" (type step.artifact_upload): artifact_upload step "act": `;
  expect(errors).toEqual(["store", "key", "source"].map((key) => `${about}'${key}' is required`));
  const dangling = await check(withServer(step("{ store: none, key: k, source: s }")));
  expect(dangling.errors).toEqual([]);
  expect(dangling.warnings).toEqual(["13:67: pipelines.p.steps[0].config.store: service 'none' is not defined"]);
});
