import { expect, test } from "bun:test";
import { failureOf, loadFiles, moduleNames, plain } from "./fixture.ts";

const modules = (...names: string[]) => `modules: [${names.map((name) => `{name: ${name}, type: t}`).join(", ")}]\n`;

test("modules come in the order main, first import with its own, second import; the first definition wins", () => {
  const config = loadFiles({
    "/c/main.yaml": `imports: [a.yaml, b.yaml]\n${modules("main", "shared")}`,
    "/c/a.yaml": `imports: [c.yaml]\n${modules("a", "shared")}`,
    "/c/c.yaml": modules("c", "a"),
    "/c/b.yaml": modules("b", "c"),
  });
  expect(moduleNames(config)).toEqual(["main", "shared", "a", "c", "b"]);
});

test("of the other sections only absent keys are taken over, and nothing is merged deeper", () => {
  const config = loadFiles({
    "/c/main.yaml":
      "imports: [a.yaml]\nworkflows: {http: {routes: [1]}}\ntriggers: {http: {x: 1}}\n" +
      "pipelines: {p: {x: 1}}\nplatform: {org: main}\n",
    "/c/a.yaml":
      "workflows: {http: {routes: [2], y: 1}, event: {z: 1}}\ntriggers: {http: {y: 2}, schedule: {}}\n" +
      "pipelines: {p: {y: 2}, q: {}}\nplatform: {org: a, env: b}\n",
  });
  expect(plain(config.workflows)).toEqual({ http: { routes: [1] }, event: { z: 1 } });
  expect(plain(config.triggers)).toEqual({ http: { x: 1 }, schedule: {} });
  expect(plain(config.pipelines)).toEqual({ p: { x: 1 }, q: {} });
  expect(plain(config.platform)).toEqual({ org: "main", env: "b" });
});

test("requires of an imported file does not count", () => {
  const config = loadFiles({
    "/c/main.yaml": "imports: [a.yaml]\nrequires: {capabilities: [pipeline-steps]}\n",
    "/c/a.yaml": "requires: {capabilities: [nothing-has-this]}\n",
  });
  expect(plain(config.requires)).toEqual({ capabilities: ["pipeline-steps"] });
});

test("paths are relative to the importing file; absolute ones stay", () => {
  const config = loadFiles({
    "/c/main.yaml": "imports: [sub/a.yaml]\n",
    "/c/sub/a.yaml": `imports: [../b.yaml, /other/d.yaml]\n${modules("a")}`,
    "/c/b.yaml": modules("b"),
    "/other/d.yaml": modules("d"),
  });
  expect(moduleNames(config)).toEqual(["a", "b", "d"]);
  expect(config.configDir).toBe("/c");
  expect(config.files.map(({ path }) => path)).toEqual(["/c/main.yaml", "/c/sub/a.yaml", "/c/b.yaml", "/other/d.yaml"]);
});

test("a file imported in two places is read once", () => {
  const config = loadFiles({
    "/c/main.yaml": "imports: [a.yaml, b.yaml]\n",
    "/c/a.yaml": `imports: [shared.yaml]\n${modules("a")}`,
    "/c/b.yaml": `imports: [shared.yaml]\n${modules("b")}`,
    "/c/shared.yaml": modules("shared"),
  });
  expect(moduleNames(config)).toEqual(["a", "shared", "b"]);
  expect(config.files.filter(({ path }) => path === "/c/shared.yaml")).toHaveLength(1);
});

test("diamonds upon diamonds cost no more than their files", () => {
  const files: Record<string, string> = { "/c/main.yaml": "imports: [a0.yaml, b0.yaml]\n" };
  for (let level = 0; level < 40; level++) {
    const next = level === 39 ? "" : `imports: [a${level + 1}.yaml, b${level + 1}.yaml]\n`;
    for (const side of ["a", "b"]) files[`/c/${side}${level}.yaml`] = next + modules(`${side}${level}`);
  }
  expect(moduleNames(loadFiles(files))).toHaveLength(80);
});

test.each([
  ["itself", { "/c/main.yaml": "imports:\n  - main.yaml\n" }, "/c/main.yaml:2:5: circular import detected: main.yaml"],
  [
    "one that imports it",
    { "/c/main.yaml": "imports: [a.yaml]\n", "/c/a.yaml": "imports: [../c/main.yaml]\n" },
    "/c/a.yaml:1:11: circular import detected: ../c/main.yaml",
  ],
  [
    "a file that is not there",
    { "/c/main.yaml": "imports:\n  - gone.yaml\n" },
    '/c/main.yaml:2:5: import "gone.yaml": failed to read config file: open gone.yaml: no such file or directory',
  ],
  [
    "a file that is broken",
    { "/c/main.yaml": "imports: [a.yaml]\n", "/c/a.yaml": "x: [\n" },
    "/c/a.yaml:2:1: yaml: Flow sequence in block collection must be sufficiently indented and end with a ]",
  ],
  [
    "a file of the wrong shape",
    { "/c/main.yaml": "imports: [a.yaml]\n", "/c/a.yaml": "modules: {a: 1}\n" },
    "/c/a.yaml:1:10: modules: must be a list, got map",
  ],
  ["a map", { "/c/main.yaml": "imports: [{file: a.yaml}]\n" }, "/c/main.yaml:1:11: an import must be a file name"],
  ["an empty name", { "/c/main.yaml": 'imports: [""]\n' }, "/c/main.yaml:1:11: an import must be a file name"],
])("importing %s is refused", (_what, files, expected) => {
  expect(failureOf(() => loadFiles(files)).problems).toEqual([expected]);
});

test("a chain of more than a thousand files is refused", () => {
  const files: Record<string, string> = { "/c/main.yaml": "imports: [1.yaml]\n" };
  for (let index = 1; index <= 1001; index++) files[`/c/${index}.yaml`] = `imports: [${index + 1}.yaml]\n`;
  expect(failureOf(() => loadFiles(files)).message).toBe("more than 1000 files are imported");
});
