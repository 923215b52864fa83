import { expect, test } from "bun:test";
import { failureOf, loadFiles, moduleNames, plain } from "./fixture.ts";

const application = (...references: string[]) =>
  `application:\n  name: shop\n  workflows:\n${references.map((reference) => `    - ${reference}\n`).join("")}`;
const two = application("{ file: flows/a.yaml }", "{ file: flows/b.yaml, name: second }");

test("the files are combined: modules in order, later workflow sections replace earlier ones", () => {
  const config = loadFiles({
    "/c/main.yaml": two,
    "/c/flows/a.yaml":
      "imports: [more.yaml]\nmodules: [{name: a, type: t}]\n" +
      "workflows: {http: {from: a}, event: {from: a}}\npipelines: {pa: {}}\n",
    "/c/flows/more.yaml": "modules: [{name: more, type: t}]\n",
    "/c/flows/b.yaml": "modules: [{name: b, type: t}]\nworkflows: {http: {from: b}}\npipelines: {pb: {}}\n",
  });
  expect(moduleNames(config)).toEqual(["a", "more", "b"]);
  expect(plain(config.workflows)).toEqual({ http: { from: "b" }, event: { from: "a" } });
  expect(plain(config.pipelines)).toEqual({ pa: {}, pb: {} });
  expect(config.configDir).toBe("/c");
});

test.each([
  ["lists", "http: [1]", "http: [2, 3]", { http: [1, 2, 3] }],
  ["maps of one list", "http: {routes: [1]}", "http: {routes: [2]}", { http: { routes: [1, 2] } }],
  ["different types", "http: [1]", "schedule: {jobs: []}", { http: [1], schedule: { jobs: [] } }],
])("triggers that are %s stand side by side", (_what, first, second, expected) => {
  const config = loadFiles({
    "/c/main.yaml": two,
    "/c/flows/a.yaml": `triggers: {${first}}\n`,
    "/c/flows/b.yaml": `triggers: {${second}}\n`,
  });
  expect(plain(config.triggers)).toEqual(expected);
});

test("requires of all files counts", () => {
  const config = loadFiles({
    "/c/main.yaml": two,
    "/c/flows/a.yaml": "requires: {capabilities: [x], plugins: [p]}\n",
    "/c/flows/b.yaml": "requires: {capabilities: [y]}\n",
  });
  expect(plain(config.requires)).toEqual({ capabilities: ["x", "y"], plugins: ["p"] });
});

const conflict = 'failed to merge application config: application "shop": ';

const conflicts: readonly (readonly [string, string, readonly [string, string, string]])[] = [
  ["modules: [{name: m, type: t}]", "modules:\n  - type: t\n    name: m", ["/c/flows/b.yaml:3:11", "module", "m"]],
  ["pipelines: {p: {}}", "pipelines: {p: {}}", ["/c/flows/b.yaml:1:13", "pipeline", "p"]],
  ["triggers: {event: {subject: x}}", "triggers: {event: {subject: y}}", ["/c/flows/b.yaml:1:12", "trigger", "event"]],
  ["triggers: {http: [1]}", "triggers: {http: {routes: []}}", ["/c/flows/b.yaml:1:12", "trigger", "http"]],
];

test.each(conflicts)("%s and %s in two files are a conflict", (first, second, [place, kind, name]) => {
  const files = { "/c/main.yaml": two, "/c/flows/a.yaml": `${first}\n`, "/c/flows/b.yaml": `${second}\n` };
  const { message, problems } = failureOf(() => loadFiles(files));
  const where = 'is defined in both "a" and "second"';
  expect(problems).toEqual([`${place}: application "shop": ${kind} name conflict: ${kind} "${name}" ${where}`]);
  expect(message).toStartWith(conflict.slice(0, -1));
});

test("two references of one name are still told apart", () => {
  const files = {
    "/c/main.yaml": application("{ file: x/flow.yaml }", "{ file: y/flow.yaml }"),
    "/c/x/flow.yaml": "modules: [{name: m, type: t}]\n",
    "/c/y/flow.yaml": "modules: [{name: m, type: t}]\n",
  };
  expect(failureOf(() => loadFiles(files)).message).toBe(
    `${conflict}module name conflict: module "m" is defined in both "flow" and "flow"`,
  );
});

test("every conflict and every file that cannot be loaded is reported at once", () => {
  const files = {
    "/c/main.yaml": application(
      "{ name: x }",
      "{ file: gone.yaml }",
      "{ file: bad.yaml }",
      "{ file: a.yaml }",
      "{ file: b.yaml }",
    ),
    "/c/bad.yaml": "a: [\n",
    "/c/a.yaml": "modules: [{name: m, type: t}]\npipelines: {p: {}}\n",
    "/c/b.yaml": "modules: [{name: m, type: t}]\npipelines: {p: {}}\n",
  };
  expect(failureOf(() => loadFiles(files)).problems).toEqual([
    `/c/main.yaml:4:7: application "shop": workflow reference has no 'file' field`,
    '/c/main.yaml:5:15: application "shop": failed to load workflow file "gone.yaml": ' +
      "failed to read config file: open /c/gone.yaml: no such file or directory",
    '/c/bad.yaml:2:1: application "shop": failed to load workflow file "bad.yaml": failed to parse config file: ' +
      "yaml: Flow sequence in block collection must be sufficiently indented and end with a ]",
    '/c/b.yaml:1:18: application "shop": module name conflict: module "m" is defined in both "a" and "b"',
    '/c/b.yaml:2:13: application "shop": pipeline name conflict: pipeline "p" is defined in both "a" and "b"',
  ]);
});

test("a section beside the application has no effect, and a warning says so", () => {
  const config = loadFiles({
    "/c/main.yaml": `version: 1\n${application("{ file: a.yaml }")}modules: [{name: lost, type: t}]\n`,
    "/c/a.yaml": "modules: [{name: a, type: t}]\n",
  });
  expect(moduleNames(config)).toEqual(["a"]);
  expect(config.warnings.map(({ message, at }) => `${at[0]?.line}: ${message}`)).toEqual([
    '6: modules: "modules" has no effect beside "application"',
  ]);
});

test("an application without workflows is an ordinary configuration", () => {
  const config = loadFiles({ "/c/main.yaml": "application: {name: x}\nmodules: [{name: a, type: t}]\n" });
  expect(moduleNames(config)).toEqual(["a"]);
});
