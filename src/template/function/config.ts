import { defineFunction } from "../define_function.ts";

/** Reads a configuration value. Without a provider every key is unknown; whoever has one passes its own definition. */
export default defineFunction({
  name: "config",
  summary: "A value of the config.provider module; empty when the key is unknown.",
  parameters: [{ name: "key", type: "string", description: "Key of the value." }],
  call: () => "",
});
