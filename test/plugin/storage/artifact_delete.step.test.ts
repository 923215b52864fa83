import { expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { serve } from "../../harness/server.ts";
import { artifactServer, badKeys } from "./artifact_fixture.ts";

const files = { "in.txt": "hello", secret: "secret" };

test("removes the artifact with its metadata, and again without complaint", async () => {
  await using server = await serve(artifactServer(), { files });
  await server.post("/upload", { key: "b/a", source: join(server.directory, "in.txt"), by: "" });
  for (let attempt = 0; attempt < 2; attempt++) {
    const answer = await server.post("/delete", { key: "b/a" });
    expect(await answer.json()).toEqual({ key: "b/a", deleted: true });
  }
  expect(readdirSync(join(server.directory, "data/artifacts/b"))).toEqual([]);
  expect(await (await server.post("/delete", { key: "no/such/folder" })).json()).toEqual({
    key: "no/such/folder",
    deleted: true,
  });
});

test.each(badKeys)("refuses the key %p", async (key, reason) => {
  await using server = await serve(artifactServer());
  const answer = await server.post("/delete", { key });
  expect(answer.status).toBe(400);
  const text = `artifact_delete step "act": artifact store "store": Delete ${JSON.stringify(key)}: ${reason}`;
  expect(await answer.json()).toEqual({ error: expect.stringContaining(text) });
});

test("a folder of artifacts is not deleted", async () => {
  await using server = await serve(artifactServer(), { files });
  await server.post("/upload", { key: "b/a", source: join(server.directory, "in.txt"), by: "" });
  const answer = await server.post("/delete", { key: "b" });
  expect(answer.status).toBe(400);
  expect(await answer.json()).toEqual({ error: expect.stringContaining("is a folder of other artifacts") });
  expect(existsSync(join(server.directory, "data/artifacts/b/a"))).toBe(true);
});

test("of a link the link goes, and through one nothing is deleted", async () => {
  await using server = await serve(artifactServer(), { files });
  const { directory } = server;
  symlinkSync(join(directory, "secret"), join(directory, "data/artifacts/file"));
  symlinkSync(directory, join(directory, "data/artifacts/folder"));
  expect((await server.post("/delete", { key: "file" })).status).toBe(200);
  expect(existsSync(join(directory, "data/artifacts/file"))).toBe(false);
  expect((await server.post("/delete", { key: "folder/secret" })).status).toBe(400);
  expect(readFileSync(join(directory, "secret"), "utf8")).toBe("secret");
});
