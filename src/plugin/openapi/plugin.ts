import { definePlugin } from "../../define/define.ts";

/** Routes, documents and clients from OpenAPI. */
export default definePlugin({
  name: "workflow-plugin-openapi",
  aliases: ["openapi"],
  version: "1.0.0",
  summary: "Routes from and documents in OpenAPI.",
  capabilities: ["openapi"],
});
