import { definePlugin } from "../../define/define.ts";

/** Steps for the local catalogue of plugins. */
export default definePlugin({
  name: "marketplace",
  version: "1.0.0",
  summary: "Catalogue of plugins.",
  capabilities: ["marketplace"],
});
