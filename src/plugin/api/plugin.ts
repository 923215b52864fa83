import { definePlugin } from "../../define/define.ts";

/** REST resources, queries and commands, gateways and data transformation. */
export default definePlugin({
  name: "api",
  version: "1.0.0",
  summary: "REST resources, queries, commands, gateways and data transformation.",
  capabilities: ["rest-api", "cqrs", "api-gateway"],
});
