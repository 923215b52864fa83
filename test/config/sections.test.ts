import { expect, test } from "bun:test";
import { emptyConfig, loadConfigText } from "../../src/config/load.ts";
import { formatProblem } from "../../src/error/format.ts";
import { failureOf, loadFiles, plain } from "./fixture.ts";

test("every section may be missing or null", () => {
  for (const text of ["", "modules:\nworkflows:\ntriggers: ~\npipelines: null\nrequires:\nplatform:\nimports:\n"]) {
    const config = loadFiles({ "/c/main.yaml": text });
    expect(config.modules).toEqual([]);
    expect(plain(config.workflows)).toEqual({});
    expect(config.requires).toBeUndefined();
    expect(config.platform).toBeUndefined();
  }
  expect(emptyConfig().modules).toEqual([]);
});

test("wrong shapes are reported all at once, with their places", () => {
  const yaml = "modules: {a: 1}\nworkflows: [1]\ntriggers: text\npipelines: 5\nimports: a.yaml\n";
  expect(failureOf(() => loadFiles({ "/c/main.yaml": yaml })).problems).toEqual([
    "/c/main.yaml:1:10: modules: must be a list, got map",
    "/c/main.yaml:2:12: workflows: must be a map, got list",
    "/c/main.yaml:3:11: triggers: must be a map, got string",
    "/c/main.yaml:4:12: pipelines: must be a map, got number",
    "/c/main.yaml:5:10: imports: must be a list, got string",
  ]);
});

test.each([
  ["- a\n- b\n", "list"],
  ["just text\n", "string"],
  ["42\n", "number"],
])("the document %j is refused", (yaml, kind) => {
  expect(failureOf(() => loadFiles({ "/c/main.yaml": yaml })).problems).toEqual([
    `/c/main.yaml:1:1: the configuration must be a map, got ${kind}`,
  ]);
});

test("an unknown section is a warning with the nearest name; notes and anchors are not", () => {
  const yaml = "name: n\nversion: 1\ndescription: d\nx-shared: {}\npipeline: {}\nzzz: 1\n";
  expect(loadFiles({ "/c/main.yaml": yaml }).warnings.map(formatProblem)).toEqual([
    '/c/main.yaml:5:1: pipeline: "pipeline" is not known here and has no effect (did you mean "pipelines"?)',
    '/c/main.yaml:6:1: zzz: "zzz" is not known here and has no effect',
  ]);
});

test("a configuration sent as text takes its imports from the given directory", () => {
  const read = (path: string) => (path === "/elsewhere/a.yaml" ? "modules: [{name: a, type: t}]\n" : "");
  const config = loadConfigText("imports: [a.yaml]\n", "request", "/elsewhere", read);
  expect(config.modules).toHaveLength(1);
  expect(config).toMatchObject({ file: "request", configDir: "/elsewhere" });
});
