import type { JsonSchema } from "../schema/json_schema.ts";
import { definitionName, ref, text, whenType } from "./config_schema_part.ts";
import type { AnyTriggerDefinition } from "./definition.ts";
import type { Registry } from "./registry.ts";

/** What every entry of a trigger may say beside its own keys. */
const target = {
  workflow: text("What it starts: a pipeline, `pipeline:<name>`, a section of `workflows` or a state machine."),
  action: text("Action to run, where the target has several."),
  params: { description: "Values laid over the data of every run.", type: "object" },
};

/** The sections of `triggers`, by type. */
export function triggerSections(registry: Registry): JsonSchema {
  return Object.fromEntries(registry.triggers.map((trigger) => [trigger.type, sectionOf(trigger)]));
}

/** Settings of inline triggers by their type: one entry, without what it starts. */
export function triggerVariants(registry: Registry): readonly JsonSchema[] {
  return registry.triggers.map(({ type }) =>
    whenType([type], { properties: { config: ref(definitionName("trigger", type)) } }),
  );
}

function sectionOf({ type, summary, listKey }: AnyTriggerDefinition): JsonSchema {
  const entry = ref(definitionName("trigger", type));
  if (listKey === undefined) return { description: summary, anyOf: [{ type: ["null", "array"] }, entry] };
  const list = {
    description: "Entries, each with what it starts.",
    type: "array",
    items: ref(`${definitionName("trigger", type)}:entry`),
  };
  const own = { [listKey]: list };
  return {
    description: summary,
    // Keywords count for values of their own type only: the first two for maps, the last for the list form.
    type: ["object", "array", "null"],
    required: [listKey],
    properties: own,
    items: {
      type: "object",
      properties: {
        name: text("Name for readers."),
        type: { enum: [type] },
        ...target,
        ...own,
        config: { type: "object", properties: own },
      },
    },
  };
}

/** A list entry: own keys and target in one schema, since `additionalProperties` sees nothing of a `$ref`. */
export function entrySchema(own: JsonSchema): JsonSchema {
  const properties = typeof own.properties === "object" ? own.properties : {};
  const required = Array.isArray(own.required) ? own.required : [];
  return { ...own, type: "object", properties: { ...properties, ...target }, required: [...required, "workflow"] };
}
