import { definePlugin } from "../../define/define.ts";

/** Sources of values that configurations do not hold themselves. */
export default definePlugin({
  name: "secrets",
  version: "1.0.0",
  summary: "Sources of ${…} values.",
  capabilities: ["secrets-management"],
});
