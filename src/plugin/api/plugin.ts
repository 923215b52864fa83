import { definePlugin } from "../../define/define.ts";

export default definePlugin({
  name: "api",
  version: "1.0.0",
  summary: "REST resources, queries, commands, gateways and data transformation.",
  capabilities: ["rest-api", "cqrs", "api-gateway"],
});
