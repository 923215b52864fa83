import { configSchemaOf } from "../../src/define/config_schema.ts";
import { makeRegistry } from "../../src/plugin/index.ts";
import type { Generator } from "./generator.ts";

/** `workflow.schema.json`: the JSON Schema of configuration files, for editors. */
export const configSchema: Generator = {
  path: "workflow.schema.json",
  make: async () => `${JSON.stringify(configSchemaOf(makeRegistry()), undefined, 2)}\n`,
};
