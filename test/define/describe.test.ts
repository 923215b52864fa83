import { describe, expect, test } from "bun:test";
import { defineModule, definePlugin, defineStep } from "../../src/define/define.ts";
import { describeTypes } from "../../src/define/describe.ts";
import { buildRegistry } from "../../src/define/registry.ts";
import { makeRegistry } from "../../src/plugin/index.ts";
import { choice, definePort, lateRef, optionalRef, ref, refAll, Type } from "../../src/schema/field.ts";
import { outputOf } from "../../src/schema/output.ts";

const described = { description: "D." };
const Clock = definePort<object>("clock", "a clock");
const Bell = definePort<object>("bell", "a bell");
const plugin = definePlugin({ name: "p", version: "1.0.0", summary: "P.", capabilities: [] });

const tower = defineModule({
  type: "http.tower",
  summary: "Rings at noon.",
  category: "http",
  provides: [Bell],
  config: Type.Object({
    clock: ref(Clock, { description: "Clock to watch." }),
    mode: choice(["loud", "soft"], { ...described, default: "soft" }),
    helpers: Type.Array(optionalRef(Bell, described), { ...described, default: [] }),
    all: refAll(Bell, { description: "Every other bell." }),
  }),
  create: () => ({}),
});

const ring = (more: { endsRun?: true }) =>
  defineStep({
    type: "step.ring_bell",
    summary: "Ring.",
    category: "pipeline",
    effect: "write",
    ...more,
    config: Type.Object({ bell: lateRef(Bell, described) }),
    output: outputOf([]),
    build: () => () => ({}),
  });

test("a module is described by its settings as a form and its references as ports", () => {
  const registry = buildRegistry([{ plugin, definitions: [tower] }], []);
  expect(describeTypes(registry).get("http.tower")).toEqual({
    type: "http.tower",
    label: "HTTP tower",
    category: "http",
    description: "Rings at noon.",
    configFields: [
      {
        key: "clock",
        label: "Clock",
        type: "string",
        description: "Clock to watch.",
        required: true,
        inheritFrom: "dependency.name",
      },
      {
        key: "mode",
        label: "Mode",
        type: "select",
        description: "D.",
        defaultValue: "soft",
        options: ["loud", "soft"],
      },
      { key: "helpers", label: "Helpers", type: "array", description: "D.", defaultValue: [], arrayItemType: "string" },
    ],
    defaultConfig: { mode: "soft", helpers: [] },
    inputs: [
      { name: "clock", type: "clock", description: "Clock to watch." },
      { name: "helpers", type: "bell", description: "D." },
      { name: "all", type: "bell", description: "Every other bell." },
    ],
    outputs: [{ name: "bell", type: "bell", description: "A bell." }],
  });
});

describe("a step", () => {
  test("takes the data of the run and gives a result", () => {
    const registry = buildRegistry([{ plugin, definitions: [ring({})] }], []);
    expect(describeTypes(registry).get("step.ring_bell")).toMatchObject({
      label: "Ring bell",
      inputs: [{ type: "PipelineContext" }, { name: "bell", type: "bell" }],
      outputs: [{ type: "StepResult" }],
    });
  });
  test("that ends the run gives none", () => {
    const registry = buildRegistry([{ plugin, definitions: [ring({ endsRun: true })] }], []);
    expect(describeTypes(registry).get("step.ring_bell")?.outputs).toEqual([]);
  });
});

test("a type that is refused is described as not available; triggers and sections are no types of nodes", () => {
  const refused = ["cloud.thing", "trigger.tide", "workflow.moon"].map((type) => ({ type, reason: "use a boat" }));
  const described = describeTypes(buildRegistry([{ plugin, definitions: [] }], refused));
  expect([...described.keys()]).toEqual(["cloud.thing"]);
  expect(described.get("cloud.thing")).toMatchObject({
    category: "unavailable",
    description: "Not available: use a boat",
    configFields: [],
  });
});

test("every module and step type is described, and every field has a label and a type of control", () => {
  const registry = makeRegistry();
  const described = describeTypes(registry);
  const types = [...registry.modules, ...registry.steps].map(({ type }) => type);
  expect(types.filter((type) => !described.has(type))).toEqual([]);
  const controls = /^(string|number|boolean|select|json|duration|array|map|filepath|sql)$/;
  const fields = [...described.values()].flatMap(({ configFields }) => configFields);
  expect(fields.filter(({ label, type }) => label === "" || !controls.test(type))).toEqual([]);
});
