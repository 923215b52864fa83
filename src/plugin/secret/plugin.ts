import { definePlugin } from "../../define/define.ts";

export default definePlugin({
  name: "secrets",
  version: "1.0.0",
  summary: "Sources of ${…} values.",
  capabilities: ["secrets-management"],
});
