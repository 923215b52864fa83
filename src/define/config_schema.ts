import type { TObject } from "typebox";
import { fieldSchema } from "../schema/field.ts";
import { type JsonSchema, jsonSchemaOf } from "../schema/json_schema.ts";
import { applicationSchema, importsSchema, requiresSchema } from "./config_schema_sections.ts";
import { entrySchema, triggerSections, triggerVariants } from "./config_schema_trigger.ts";
import { always, choiceOfType, definitionName, ref, text, whenType } from "./config_schema_part.ts";
import type { Registry } from "./registry.ts";

const places = { flatStep: "#/definitions/flatStep" };

/**
 * The JSON Schema (draft-07) of a whole configuration file, computed from the registry. It is stricter than loading:
 * keys that have no effect do not pass, so that editors mark them.
 */
export function configSchemaOf(registry: Registry): JsonSchema {
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "Workflow configuration",
    description: "A configuration file of the workflow server, or an application file that lists several.",
    type: ["object", "null"],
    properties: {
      imports: importsSchema,
      requires: requiresSchema(registry),
      application: applicationSchema,
      modules: {
        description: "Components that exist once, by name: servers, routers, handlers, brokers, databases.",
        type: ["array", "null"],
        items: ref("module"),
      },
      workflows: {
        description: "Sections that connect modules, such as routes and subscriptions.",
        type: ["object", "null"],
        properties: Object.fromEntries(
          registry.workflows.map(({ key }) => [key, ref(definitionName("workflow", key))]),
        ),
        patternProperties: prefixedSections(registry),
        additionalProperties: false,
      },
      triggers: {
        description: "What starts workflows and pipelines, by trigger type.",
        type: ["object", "null"],
        properties: triggerSections(registry),
        additionalProperties: false,
      },
      pipelines: {
        description: "Pipelines by name.",
        type: ["object", "null"],
        additionalProperties: ref("pipeline"),
      },
      ...topLevelSettings(registry),
      platform: { description: "Notes for platform tools; the server keeps them and does nothing with them." },
      sidecars: { description: "Notes for deployment tools; the server keeps them and does nothing with them." },
    },
    definitions: definitionsOf(registry),
  };
}

/** Settings that may stand at the top of the file instead of in their module. */
function topLevelSettings(registry: Registry): JsonSchema {
  const sections = registry.modules.flatMap(({ section, type, summary, config }) =>
    section === undefined
      ? []
      : [[section, { ...withoutRequired(config), description: `${type}: ${summary}` }] as const],
  );
  return Object.fromEntries(sections);
}

function prefixedSections(registry: Registry): JsonSchema {
  const prefixed = registry.workflows.flatMap(({ key, keyPrefix }) =>
    keyPrefix === undefined ? [] : [[`^${keyPrefix}`, ref(definitionName("workflow", key))] as const],
  );
  return { ...Object.fromEntries(prefixed), "^pipeline:": always };
}

function definitionsOf(registry: Registry): JsonSchema {
  const definitions: Record<string, JsonSchema> = {
    module: moduleSchema(registry),
    pipeline: pipelineSchema(registry),
    step: stepSchema(registry),
    flatStep: flatStepSchema(registry),
  };
  for (const { type, config, section } of registry.modules) {
    const schema = section === undefined ? settingsSchema(config) : withoutRequired(config);
    definitions[definitionName("module", type)] = schema;
  }
  for (const { type, config } of registry.steps) definitions[definitionName("step", type)] = settingsSchema(config);
  for (const { type, entry } of registry.triggers) {
    const own = settingsSchema(entry);
    definitions[definitionName("trigger", type)] = own;
    definitions[`${definitionName("trigger", type)}:entry`] = entrySchema(own);
  }
  for (const { key, config, summary } of registry.workflows) {
    const schema = withRoutePipelines(settingsSchema(config));
    definitions[definitionName("workflow", key)] = { description: summary, ...schema };
  }
  return definitions;
}

/** Routes of a section may hold a pipeline, or its steps alone; their fields carry the syntax tree as it is. */
function withRoutePipelines(section: JsonSchema): JsonSchema {
  const routes = member(member(section, "properties"), "routes");
  const route = member(routes, "items");
  const properties = member(route, "properties");
  if (!Object.hasOwn(properties, "steps") || !Object.hasOwn(properties, "pipeline")) return section;
  const described = (key: string) => ({ description: member(properties, key).description });
  const complete = {
    ...properties,
    pipeline: { ...described("pipeline"), allOf: [ref("pipeline")] },
    steps: { ...described("steps"), type: "array", items: ref("step") },
  };
  const items = { ...route, properties: complete };
  return { ...section, properties: { ...member(section, "properties"), routes: { ...routes, items } } };
}

function member(schema: JsonSchema, key: string): JsonSchema {
  const value = Object.hasOwn(schema, key) ? schema[key] : undefined;
  // A projected schema consists of plain maps, lists and scalars.
  return typeof value === "object" && value !== null ? (value as JsonSchema) : {};
}

function moduleSchema(registry: Registry): JsonSchema {
  return {
    type: "object",
    required: ["name", "type"],
    properties: {
      name: { ...text("Name that other parts refer to."), pattern: "^[a-zA-Z][a-zA-Z0-9._-]*$" },
      type: choiceOfType("Type of the module.", registry.modules, registry),
      config: { description: "Settings of the type.", type: ["object", "null"] },
      dependsOn: {
        description: "Modules that start before this one.",
        type: ["array", "null"],
        items: text("Name of a module."),
      },
      branches: {
        description: "Targets of a branching module by outcome, for drawings.",
        type: "object",
        additionalProperties: text("Name of a module."),
      },
      ui: { description: "Notes of the visual editor." },
      description: text("Text for readers."),
    },
    additionalProperties: false,
    allOf: registry.modules.map((definition) => variantOf("module", definition)),
  };
}

/** What an error in a step leads to. */
const onError = { enum: ["stop", "skip", "compensate"] };

const duration = { type: ["string", "integer"] };

const notes = { description: text("Text for readers."), ui: { description: "Notes of the visual editor." } };

function pipelineSchema(registry: Registry): JsonSchema {
  return {
    type: "object",
    properties: {
      name: text("Name for readers; the key is what counts."),
      ...notes,
      trigger: {
        description: "What starts the pipeline.",
        type: ["object", "null"],
        required: ["type"],
        properties: {
          type: choiceOfType("Type of the trigger.", registry.triggers, registry),
          config: { description: "Settings of the trigger.", type: ["object", "null"] },
        },
        allOf: triggerVariants(registry),
      },
      steps: { description: "Steps in order.", type: ["array", "null"], items: ref("step") },
      on_error: { description: "What a failing step leads to.", default: "stop", ...onError },
      timeout: { description: "Longest time for one run, such as `30s`; without one there is no limit.", ...duration },
      compensation: {
        description: "Steps that undo the work, run in reverse order when `on_error` is `compensate`.",
        type: ["array", "null"],
        items: ref("step"),
      },
      durability: {
        description: "Whether runs survive the process; without it, that depends on how they are started.",
        enum: ["none", "durable", "strict"],
      },
      concurrency: {
        description: "How many runs may be under way at once.",
        type: "object",
        properties: {
          key: { description: "Template; runs with the same text share the limit.", type: "string" },
          limit: { description: "Runs that may be under way.", type: "integer", minimum: 1 },
          on_excess: {
            description: "What becomes of a run beyond the limit.",
            default: "queue",
            enum: ["queue", "reject", "replace"],
          },
        },
        required: ["limit"],
        additionalProperties: false,
      },
    },
    additionalProperties: false,
  };
}

function stepSchema(registry: Registry): JsonSchema {
  return {
    type: "object",
    required: ["name", "type"],
    properties: {
      name: text("Name of the step: later steps refer to its output and routes by it."),
      type: choiceOfType("Type of the step.", registry.steps, registry),
      config: { description: "Settings of the type.", type: ["object", "null"] },
      on_error: { description: "What a failure of this step leads to, instead of the pipeline's.", ...onError },
      timeout: { description: "Longest time for the step, such as `5s`.", ...duration },
      if: text("Template or path; the step is left out when it gives an empty or false value."),
      retry: {
        description: "Repeats the step when it fails.",
        type: ["object", "null"],
        properties: {
          max_attempts: { description: "Attempts in all.", default: 3, type: ["integer", "string"], minimum: 1 },
          backoff: { description: "Wait before the second attempt; it doubles each time.", default: "1s", ...duration },
          max_backoff: { description: "Longest wait between two attempts.", default: "30s", ...duration },
        },
        additionalProperties: false,
      },
      ...notes,
    },
    additionalProperties: false,
    allOf: registry.steps.map((definition) => variantOf("step", definition)),
  };
}

interface Component {
  readonly type: string;
  readonly aliases?: readonly string[];
  readonly config: TObject;
  readonly section?: string;
}

/** The settings of one type; `config` may be absent when nothing in it is required. */
function variantOf(kind: "module" | "step", component: Component): JsonSchema {
  const { type, aliases, config, section } = component;
  const isRequired = section === undefined && isNeeded(jsonSchemaOf(fieldSchema(config), places));
  return whenType([type, ...(aliases ?? [])], {
    properties: { config: ref(definitionName(kind, type)) },
    ...(isRequired ? { required: ["config"] } : {}),
  });
}

/** Settings that hold nothing required may also be left empty. */
function settingsSchema(config: TObject): JsonSchema {
  const schema = jsonSchemaOf(fieldSchema(config), places);
  return isNeeded(schema) ? schema : { ...schema, type: ["object", "null"] };
}

/** For settings that are put together from two places. */
function withoutRequired(config: TObject): JsonSchema {
  const { required: _required, allOf: _allOf, ...schema } = jsonSchemaOf(fieldSchema(config), places);
  return { ...schema, type: ["object", "null"] };
}

function isNeeded(schema: JsonSchema): boolean {
  return Object.hasOwn(schema, "required") || Object.hasOwn(schema, "allOf");
}

/** A step inside a step holds its settings beside `type` and `name`; a `config` map is read too. */
function flatStepSchema(registry: Registry): JsonSchema {
  return {
    type: "object",
    required: ["type"],
    properties: {
      name: text("Name of the step; one is made from its parent's without."),
      type: choiceOfType("Type of the step.", registry.steps, registry),
      config: { description: "Settings of the type, when they do not stand beside it.", type: "object" },
    },
    allOf: registry.steps.map(({ type, aliases, config }) => {
      const keys = Object.keys(member(jsonSchemaOf(fieldSchema(config), places), "properties"));
      const own = keys.filter((key) => key !== "name" && key !== "type" && key !== "config");
      const pointer = (key: string) => ref(`${definitionName("step", type)}/properties/${escapePointer(key)}`);
      return whenType([type, ...(aliases ?? [])], {
        properties: Object.fromEntries(own.map((key) => [key, pointer(key)])),
      });
    }),
  };
}

/** RFC 6901 §3. */
function escapePointer(key: string): string {
  return key.replaceAll("~", "~0").replaceAll("/", "~1");
}
