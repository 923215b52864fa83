import { definePlugin } from "../../define/define.ts";

/** Events of executions, timelines and dead letters. */
export default definePlugin({
  name: "eventstore",
  aliases: ["timeline", "dlq"],
  version: "1.0.0",
  summary: "Events of executions in a file of their own, timelines and replays, and dead letters.",
  capabilities: ["event-store", "timeline", "dead-letter-queue"],
});
