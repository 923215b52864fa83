import { definePlugin } from "../../define/define.ts";

/** Calls of other systems. */
export default definePlugin({
  name: "integration-plugin",
  aliases: ["integration"],
  version: "1.0.0",
  summary: "Connectors to other systems.",
  capabilities: ["integration-connectors"],
});
