import { definePlugin } from "../../define/define.ts";

export default definePlugin({
  name: "scheduler-plugin",
  aliases: ["scheduler"],
  version: "1.0.0",
  summary: "Scheduled jobs and triggers.",
  capabilities: ["scheduler", "job-scheduling"],
});
