import { expect, test } from "bun:test";
import { planOf } from "./fixture.ts";

const modules = (...lines: string[]) =>
  `modules:\n${lines.map((line) => `- ${line}\n`).join("")}pipelines: {p: {steps: []}}\n`;
const lamp = "{ name: kitchen, type: test.lamp }";

function lampOf(yaml: string, name: string): string | undefined {
  const { plan, errors } = planOf(yaml);
  if (plan === undefined) throw new Error(errors.join("\n"));
  return plan.modules.find((module) => module.name === name)?.refs.find(({ request }) => request.path.endsWith(".lamp"))
    ?.service;
}

test.each([
  ["{ name: s, type: test.switch, config: { lamp: kitchen } }", "kitchen"],
  ["{ name: s, type: test.switch, config: { lamp: main.lamp } }", "main.lamp"],
  ["{ name: s, type: test.switch, config: { lamp: kitchen.bulb } }", "kitchen.bulb"],
  ["{ name: s, type: test.switch }", "kitchen"],
])("%s finds its lamp", (module, expected) => {
  expect(lampOf(modules(lamp, module), "s")).toBe(expected);
});

test("a preferred name comes before the first of the role", () => {
  expect(lampOf(modules(lamp, "{ name: livingRoom, type: test.lamp }", "{ name: s, type: test.switch }"), "s")).toBe(
    "livingRoom",
  );
});

test("a fixed service name belongs to the first module that has it", () => {
  const yaml = modules("{ name: one, type: test.lamp }", "{ name: two, type: test.lamp }");
  expect(planOf(yaml).plan?.services.owner("main.lamp")?.name).toBe("one");
});

test.each([
  [
    "a name that is not defined",
    "{ name: s, type: test.switch, config: { lamp: kitchn } }",
    "3:49: modules[1].config.lamp: service 'kitchn' is not defined (did you mean 'kitchen' (line 2)?)",
  ],
  [
    "a module of another role",
    "{ name: s, type: test.strict, config: { lampName: s, secretKey: x } }",
    "3:53: modules[1].config.lampName: module 's' (type test.strict) is not a lamp",
  ],
])("%s is refused where it is required", (_what, module, expected) => {
  expect(planOf(modules(lamp, module)).errors).toEqual([expected]);
});

test("a role that nobody plays is refused where it is required", () => {
  expect(planOf(modules("{ name: s, type: test.switch }")).errors).toEqual([
    "2:3: modules[0].config.lamp: no lamp is defined",
  ]);
});

test("a dangling reference that is used later, or that may be absent, is a warning", () => {
  const { warnings } = planOf(
    modules(
      "{ name: l, type: test.lamp, config: { buddy: gone } }",
      "{ name: s, type: test.switch, config: { later: lost } }",
    ),
  );
  expect(warnings).toEqual([
    "2:48: modules[0].config.buddy: service 'gone' is not defined",
    "3:50: modules[1].config.later: service 'lost' is not defined",
  ]);
});

test("no name reaches the prototype of an object", () => {
  const { errors } = planOf(
    modules(lamp, "{ name: s, type: test.switch, config: { lamp: toString }, dependsOn: [hasOwnProperty] }"),
  );
  expect(errors).toEqual([
    "3:49: modules[1].config.lamp: service 'toString' is not defined",
    "3:73: module 's' depends on 'hasOwnProperty' which is not defined",
  ]);
});
