import { expect, test } from "bun:test";
import { orderOf, planOf } from "./fixture.ts";

const modules = (...lines: string[]) =>
  `modules:\n${lines.map((line) => `- ${line}\n`).join("")}pipelines: {p: {steps: []}}\n`;

test("modules start in the order of the file when nothing asks for another", () => {
  expect(
    orderOf(modules("{ name: c, type: test.lamp }", "{ name: a, type: test.lamp }", "{ name: b, type: test.lamp }")),
  ).toEqual(["c", "a", "b"]);
});

test("dependsOn comes first, through several steps, and ties keep the order of the file", () => {
  const yaml = modules(
    "{ name: d, type: test.lamp, dependsOn: [c, b] }",
    "{ name: a, type: test.lamp }",
    "{ name: b, type: test.lamp }",
    "{ name: c, type: test.lamp, dependsOn: [a] }",
  );
  expect(orderOf(yaml)).toEqual(["b", "a", "c", "d"]);
});

test("dependsOn may name a further service of a module", () => {
  const yaml = modules("{ name: x, type: test.lamp, dependsOn: [y.bulb] }", "{ name: y, type: test.lamp }");
  expect(orderOf(yaml)).toEqual(["y", "x"]);
});

test("what a setting refers to starts first: by name, by role, and all of a role", () => {
  const yaml = modules(
    "{ name: everything, type: test.all }",
    "{ name: named, type: test.switch, config: { lamp: two } }",
    "{ name: found, type: test.switch }",
    "{ name: one, type: test.lamp }",
    "{ name: two, type: test.lamp }",
  );
  expect(orderOf(yaml)).toEqual(["one", "two", "everything", "named", "found"]);
});

test.each([
  [["{ name: a, type: test.lamp, dependsOn: [a] }"], "2:43: circular dependency detected: a -> a"],
  [
    ["{ name: a, type: test.lamp, dependsOn: [b] }", "{ name: b, type: test.lamp, dependsOn: [a] }"],
    "2:43: circular dependency detected: a -> b -> a",
  ],
  [
    [
      "{ name: in, type: test.lamp, dependsOn: [a] }",
      "{ name: a, type: test.lamp, dependsOn: [x, b] }",
      "{ name: b, type: test.lamp, dependsOn: [c] }",
      "{ name: c, type: test.lamp, dependsOn: [a] }",
      "{ name: x, type: test.lamp }",
    ],
    "3:46: circular dependency detected: a -> b -> c -> a",
  ],
])("a circle of dependsOn is printed: %j", (lines, expected) => {
  expect(planOf(modules(...lines)).errors).toEqual([expected]);
});

test("a required reference that closes a circle is an error", () => {
  const yaml = modules(
    "{ name: s, type: test.switch, config: { lamp: l } }",
    "{ name: l, type: test.lamp, dependsOn: [s] }",
  );
  expect(planOf(yaml).errors).toEqual(["2:49: modules[0].config.lamp: circular dependency detected: s -> l -> s"]);
});

test("an optional reference yields when it would close a circle, and a warning says so", () => {
  const yaml = modules(
    "{ name: l, type: test.lamp, config: { needs: s } }",
    "{ name: s, type: test.switch, dependsOn: [l], config: { lamp: l } }",
  );
  const { plan, warnings } = planOf(yaml);
  expect(plan?.modules.map(({ name }) => name)).toEqual(["l", "s"]);
  expect(warnings).toEqual([
    "2:48: modules[0].config.needs: 's' is not used, since it would close a circle: l -> s -> l",
  ]);
});

test("a reference that is used later yields silently", () => {
  const yaml = modules(
    "{ name: l, type: test.lamp, dependsOn: [s] }",
    "{ name: s, type: test.switch, config: { lamp: m, later: l } }",
    "{ name: m, type: test.lamp }",
  );
  const { plan, warnings } = planOf(yaml);
  expect(plan?.modules.map(({ name }) => name)).toEqual(["m", "s", "l"]);
  expect(warnings).toEqual([]);
});

test("a chain of twenty thousand modules is ordered", () => {
  const lines = Array.from({ length: 20_000 }, (_, index) =>
    index === 19_999
      ? `{ name: m${index}, type: test.lamp }`
      : `{ name: m${index}, type: test.lamp, dependsOn: [m${index + 1}] }`,
  );
  const order = orderOf(modules(...lines));
  expect(order[0]).toBe("m19999");
  expect(order.at(-1)).toBe("m0");
}, 20_000);
