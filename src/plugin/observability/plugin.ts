import { definePlugin } from "../../define/define.ts";

/** Metrics, health and logs. */
export default definePlugin({
  name: "observability",
  version: "1.0.0",
  summary: "Metrics, health and logs.",
  capabilities: ["metrics", "health-check", "logging"],
});
