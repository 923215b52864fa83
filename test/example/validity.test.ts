import { beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { parse } from "yaml";
import { buildExecutable } from "../../script/executable.ts";
import { root } from "../../script/repository.ts";
import { isPlainMap } from "../../src/json/map.ts";
import { buildTimeoutMs, runExecutable } from "../harness/executable.ts";

beforeAll(() => buildExecutable().then(() => undefined), buildTimeoutMs);

const files = [...new Bun.Glob("example/**/*.yaml").scanSync(root)].sort();

/** Data files, such as an OpenAPI document, have none of the sections of a configuration. */
async function isConfig(file: string): Promise<boolean> {
  const document: unknown = parse(await Bun.file(join(root, file)).text());
  return isPlainMap(document) && ["modules", "pipelines", "application"].some((key) => Object.hasOwn(document, key));
}

test("every example is valid, without a warning", async () => {
  const configs: string[] = [];
  for (const file of files) if (await isConfig(file)) configs.push(file);
  expect(configs.length).toBeGreaterThanOrEqual(14);
  const { code, stdout } = await runExecutable(["validate", ...configs], { directory: root });
  expect(stdout.trimEnd().split("\n")).toEqual(configs.map((file) => `${file}: valid, 0 error(s), 0 warning(s)`));
  expect(code).toBe(0);
});

describe("every example says what it is", () => {
  test.each(files)("%s", async (file) => {
    if (!(await isConfig(file))) return;
    const [first = "", second, third = ""] = (await Bun.file(join(root, file)).text()).split("\n");
    const schema = first.replace("# yaml-language-server: $schema=", "");
    expect(join(file, "..", schema)).toBe("workflow.schema.json");
    expect(second).toBe("#");
    expect(third).toMatch(/^# \S.*/);
  });
});
