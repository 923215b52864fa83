import { definePlugin } from "../../define/define.ts";

/** Feature flags. */
export default definePlugin({
  name: "feature-flags",
  version: "1.0.0",
  summary: "Feature flags.",
  capabilities: ["feature-flags"],
});
