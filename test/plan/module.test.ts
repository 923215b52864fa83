import { expect, test } from "bun:test";
import { planOf } from "./fixture.ts";

const modules = (text: string) => `modules:\n${text}triggers: {}\npipelines: {p: {steps: []}}\n`;

test.each([
  ["- type: test.lamp", "2:3: modules[0].name: module name is required"],
  ['- { name: "", type: test.lamp }', "2:3: modules[0].name: module name is required"],
  ["- name: a", "2:3: modules[0].type: module type is required"],
  [
    "- { name: a, type: test.lmap }",
    '2:20: modules[0].type: unknown module type "test.lmap" (did you mean "test.lamp"?)',
  ],
  ["- { name: a, type: zzz }", '2:20: modules[0].type: unknown module type "zzz"'],
  ["- { name: a, type: test.gone }", '2:20: modules[0].type: module type "test.gone" is not available: use test.lamp'],
  ["- just text", "2:3: modules[0]: must be a map, got string"],
  [
    '- { name: a, type: test.lamp, dependsOn: [""] }',
    "2:43: modules[0].dependsOn[0]: dependency name must not be empty",
  ],
  [
    "- { name: a, type: test.lamp, dependsOn: b }",
    "2:42: modules[0].dependsOn: must be a list of module names, got string",
  ],
  ["- { name: a, type: test.lamp, dependsOn: [nope] }", "2:43: module 'a' depends on 'nope' which is not defined"],
  [
    "- { name: a, type: test.lamp, config: 5 }",
    '2:39: modules[0].config: config field "config" must be a map, got number',
  ],
])("%s is refused", (module, expected) => {
  expect(planOf(modules(`${module}\n`)).errors).toEqual([expected]);
});

test("a name is used once, and the first place is named", () => {
  const { errors } = planOf(
    modules("- { name: a, type: test.lamp }\n- { name: b, type: test.lamp }\n- { name: a, type: test.all }\n"),
  );
  expect(errors).toEqual(['4:11: modules[2].name: duplicate module name "a" (first defined at modules[0])']);
});

test("an undefined dependency names the nearest module and its line, but never the module itself", () => {
  const { errors } = planOf(
    modules("- { name: kitchen, type: test.lamp }\n- { name: bath, type: test.lamp, dependsOn: [kitchn, baht] }\n"),
  );
  expect(errors).toEqual([
    "3:46: module 'bath' depends on 'kitchn' which is not defined (did you mean 'kitchen' (line 2)?)",
    "3:54: module 'bath' depends on 'baht' which is not defined",
  ]);
});

test("the dependencies of a module that is wrong otherwise are checked all the same", () => {
  const { errors } = planOf(
    modules("- { name: a, type: nope, dependsOn: [gone] }\n- { type: test.lamp, dependsOn: [lost] }\n"),
  );
  expect(errors).toEqual([
    '2:20: modules[0].type: unknown module type "nope"',
    "2:38: module 'a' depends on 'gone' which is not defined",
    "3:3: modules[1].name: module name is required",
    "3:34: module '' depends on 'lost' which is not defined",
  ]);
});

test("a module that is wrong is still defined for those that depend on it", () => {
  expect(planOf(modules("- { name: a, type: nope }\n- { name: b, type: test.lamp, dependsOn: [a] }\n")).errors).toEqual(
    ['2:20: modules[0].type: unknown module type "nope"'],
  );
});

test.each([
  [
    "without settings",
    "- { name: s, type: test.strict }",
    '2:3: modules[0].config.secretKey: required config field "secretKey" is missing (no config section)',
  ],
  [
    "among other settings",
    "- { name: s, type: test.strict, config: { lampName: l } }",
    '2:41: modules[0].config.secretKey: required config field "secretKey" is missing',
  ],
  [
    "in snake_case",
    "- { name: s, type: test.strict, config: { lampName: l, secret_key: x } }",
    '2:41: modules[0].config.secretKey: required config field "secretKey" is missing; ' +
      'found snake_case "secret_key" — use camelCase instead',
  ],
  [
    "empty",
    '- { name: s, type: test.strict, config: { lampName: l, secretKey: "" } }',
    '2:67: modules[0].config.secretKey: config field "secretKey" must be a non-empty string',
  ],
])("a required setting %s is refused", (_what, module, expected) => {
  const { errors } = planOf(modules(`${module}\n- { name: l, type: test.lamp }\n`));
  expect(errors.filter((error) => error.includes("secretKey"))).toEqual([expected]);
});

test("a required setting that is an unresolved reference passes", () => {
  expect(
    planOf(
      modules(
        "- { name: s, type: test.strict, config: { lampName: l, secretKey: '${X}' } }\n" +
          "- { name: l, type: test.lamp }\n",
      ),
    ).errors,
  ).toEqual([]);
});

test("keys that are not known are warnings", () => {
  const { warnings } = planOf(
    modules(
      "- { name: l, type: test.lamp, color: red, config: { Hue: blue, zzz: 1 } }\n" +
        "- { name: s, type: test.strict, config: { lampName: l, secretKey: x, lamp_name: l } }\n",
    ),
  );
  expect(warnings.toSorted()).toEqual([
    '2:31: modules[0].color: "color" is not known here and has no effect (settings belong under `config`)',
    '2:53: modules[0].config.Hue: "Hue" is not known here and has no effect (did you mean "hue"?)',
    '2:64: modules[0].config.zzz: "zzz" is not known here and has no effect',
    '3:70: modules[1].config.lamp_name: config field "lamp_name" uses snake_case; use camelCase "lampName" instead',
  ]);
});

test("an alias is as good as the type, and notes for editors are kept quiet", () => {
  const { plan, warnings } = planOf(
    modules("- { name: l, type: lamp.old, branches: {x: y}, ui: {x: 1}, description: d }\n"),
  );
  expect(plan?.modules[0]?.type).toBe("test.lamp");
  expect(warnings).toEqual([]);
});
