import { loadConfigText } from "../../src/config/load.ts";
import { defineModule, definePlugin } from "../../src/define/define.ts";
import { buildRegistry, type Registry } from "../../src/define/registry.ts";
import { ConfigErrors, type WorkflowError } from "../../src/error/error.ts";
import { makePlan, type Plan } from "../../src/plan/plan.ts";
import { definePort, lateRef, optionalRef, ref, refAll, Type } from "../../src/schema/field.ts";

const Lamp = definePort<object>("lamp", "a lamp");
const Switch = definePort<object>("switch", "a switch");

const lamp = defineModule({
  type: "test.lamp",
  aliases: ["lamp.old"],
  summary: "A lamp.",
  category: "platform",
  provides: [Lamp],
  serviceName: "main.lamp",
  serviceNames: (name) => [`${name}.bulb`],
  config: Type.Object({
    hue: Type.String({ description: "Colour.", minLength: 1, default: "red" }),
    buddy: optionalRef(Lamp, { description: "Another lamp." }),
    needs: optionalRef(Switch, { description: "Its switch." }),
  }),
  create: () => ({ service: {} }),
});

const toggle = defineModule({
  type: "test.switch",
  summary: "Switches a lamp.",
  category: "platform",
  provides: [Switch],
  config: Type.Object({
    lamp: ref(Lamp, { description: "The lamp.", fallback: ["livingRoom"] }),
    later: Type.Optional(lateRef(Lamp, { description: "A lamp that may be missing." })),
  }),
  create: () => ({ service: {} }),
});

const strict = defineModule({
  type: "test.strict",
  summary: "Needs a lamp by name and a key.",
  category: "platform",
  config: Type.Object({
    lampName: ref(Lamp, { description: "The lamp." }),
    secretKey: Type.String({ description: "A key.", minLength: 1 }),
    size: Type.String({ description: "Size.", default: "m" }),
  }),
  create: () => ({}),
});

const all = defineModule({
  type: "test.all",
  summary: "Uses every lamp.",
  category: "platform",
  config: Type.Object({ lamps: refAll(Lamp, { description: "Every lamp." }) }),
  create: () => ({}),
});

const plugin = definePlugin({
  name: "house",
  aliases: ["home"],
  version: "1.4.2",
  summary: "Lamps and switches.",
  capabilities: ["light", "dark"],
});

/** A registry of four module types that refer to each other. */
export const houseRegistry: Registry = buildRegistry(
  [{ plugin, definitions: [lamp, toggle, strict, all] }],
  [{ type: "test.gone", reason: "use test.lamp" }],
);

/** Plans a configuration; its problems as `line:column: text (hint)`. */
export function planOf(yaml: string): {
  readonly plan: Plan | undefined;
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
} {
  const config = loadConfigText(yaml, "a.yaml", "/c");
  const options = { registry: houseRegistry, environment: {}, workDir: "/w", readFile: () => "" };
  try {
    const plan = makePlan(config, options);
    return { plan, errors: [], warnings: plan.warnings.map(show) };
  } catch (error) {
    if (!(error instanceof ConfigErrors)) throw error;
    return { plan: undefined, errors: error.problems.map(show), warnings: error.warnings.map(show) };
  }
}

function show({ at, message, hint }: WorkflowError): string {
  const [first] = at;
  const place = first === undefined ? "" : `${first.line}:${first.column}: `;
  return `${place}${message}${hint === undefined ? "" : ` (${hint})`}`;
}

/** The module names in start order. */
export function orderOf(yaml: string): readonly string[] {
  const { plan, errors } = planOf(yaml);
  if (plan === undefined) throw new Error(errors.join("\n"));
  return plan.modules.map(({ name }) => name);
}
