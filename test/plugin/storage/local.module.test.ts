import { expect, test } from "bun:test";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { check, serve, withServer } from "../../harness/server.ts";

const yaml = (config: string) => withServer(`  - { name: files, type: storage.local, config: ${config} }`);

test.each(["data/storage", "./other/deep"])("rootDir %s is created below the working directory", async (rootDir) => {
  await using server = await serve(yaml(`{ rootDir: ${rootDir} }`));
  expect(existsSync(join(server.directory, rootDir))).toBe(true);
});

test("rootDir is required", async () => {
  const { errors } = await check(yaml("{}"));
  expect(errors).toEqual([`8:49: modules[2].config.rootDir: required config field "rootDir" is missing`]);
});

test("checking a configuration creates nothing, and a root that is a file keeps it from starting", async () => {
  await using server = await serve(yaml(`{ rootDir: a }`), { files: { taken: "" } });
  await expect(server.reload(yaml(`{ rootDir: taken }`))).rejects.toThrow(`taken" is not a directory`);
  expect(readdirSync(server.directory).sort()).toEqual(["a", "taken", "workflow.yaml"]);
});
