import type { JsonSchema } from "../schema/json_schema.ts";
import type { Registry } from "./registry.ts";

/** The schema that everything passes. */
export const always: JsonSchema = {};

/** A reference to one of the file's definitions. */
export function ref(name: string): JsonSchema {
  return { $ref: `#/definitions/${name}` };
}

/** Key of a component's settings among the definitions. */
export function definitionName(kind: "module" | "step" | "trigger" | "workflow", name: string): string {
  return `${kind}:${name}`;
}

/** A text; numbers and booleans count as what was written. */
export function text(description: string): JsonSchema {
  return { description, type: ["string", "number", "boolean"] };
}

/** A schema that holds where `type` is one of the names. */
export function whenType(names: readonly string[], holds: JsonSchema): JsonSchema {
  const condition = { properties: { type: { enum: names } }, required: ["type"] };
  // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema; nobody awaits a schema
  return { if: condition, then: holds };
}

interface Typed {
  readonly type: string;
  readonly aliases?: readonly string[];
  readonly summary: string;
}

/** The names of components as a choice that editors explain. Types that this build refuses are named beside it. */
export function choiceOfType(description: string, components: readonly Typed[], registry: Registry): JsonSchema {
  const names = components.flatMap(({ type, aliases = [], summary }) => [
    { name: type, about: summary },
    ...aliases.map((name) => ({ name, about: `The same as ${type}. ${summary}` })),
  ]);
  const refused = [...registry.unavailable.values()].filter(({ type }) => kindOf(type, registry) === components);
  return {
    description,
    enum: names.map(({ name }) => name),
    enumDescriptions: names.map(({ about }) => about),
    ...(refused.length === 0
      ? {}
      : { "x-unavailable": Object.fromEntries(refused.map(({ type, reason }) => [type, reason])) }),
  };
}

/** The list that a refused type would stand in; triggers and sections carry a prefix. */
function kindOf(type: string, { steps, triggers, workflows, modules }: Registry): readonly unknown[] {
  if (type.startsWith("step.")) return steps;
  if (type.startsWith("trigger.")) return triggers;
  return type.startsWith("workflow.") ? workflows : modules;
}
