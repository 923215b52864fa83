import { definePlugin } from "../../define/define.ts";

/** Scheduled jobs and triggers. */
export default definePlugin({
  name: "scheduler-plugin",
  aliases: ["scheduler"],
  version: "1.0.0",
  summary: "Scheduled jobs and triggers.",
  capabilities: ["scheduler", "job-scheduling"],
});
