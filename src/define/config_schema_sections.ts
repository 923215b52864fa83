import type { JsonSchema } from "../schema/json_schema.ts";
import { text } from "./config_schema_part.ts";
import type { Registry } from "./registry.ts";

/** `imports`. */
export const importsSchema: JsonSchema = {
  description: "Other configuration files whose parts are added; what this file defines wins.",
  type: ["array", "null"],
  items: text("File name, relative to this file."),
};

/** `application`, with which a file lists the workflow files of one application. */
export const applicationSchema: JsonSchema = {
  description: "Makes this file an application: its workflow files run together in one server.",
  type: "object",
  properties: {
    name: text("Name of the application, for messages."),
    description: text("Text for readers."),
    version: text("Text for readers."),
    workflows: {
      description: "The workflow files.",
      type: "array",
      items: {
        type: "object",
        required: ["file"],
        properties: {
          file: text("File name, relative to this file."),
          name: text("Name for messages; the file's name without its extension when it is absent."),
          description: text("Text for readers."),
        },
      },
    },
  },
};

/** `requires`: what a configuration needs of the program. */
export function requiresSchema(registry: Registry): JsonSchema {
  const plugins = registry.families.map(({ plugin }) => plugin);
  const capabilities = [...new Set(plugins.flatMap((plugin) => plugin.capabilities))].sort();
  const names = plugins.flatMap(({ name, aliases = [] }) => [name, ...aliases]).sort();
  return {
    description: "What this configuration needs of the server; a server without it refuses the configuration.",
    type: ["object", "null"],
    properties: {
      capabilities: { description: "Capabilities that must be there.", type: "array", items: named(capabilities) },
      plugins: {
        description: "Families of components that must be there, with an optional version constraint.",
        type: "array",
        items: named(names, { version: text("Constraint such as `>=1.0.0`, `^1` or `~1.2`.") }),
      },
    },
    additionalProperties: false,
  };
}

function named(names: readonly string[], more: JsonSchema = {}): JsonSchema {
  const name = { enum: names };
  return { anyOf: [name, { type: "object", required: ["name"], properties: { name, ...more } }] };
}
