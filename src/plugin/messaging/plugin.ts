import { definePlugin } from "../../define/define.ts";

/** Messages and events, and what is done with them. */
export default definePlugin({
  name: "messaging",
  version: "1.0.0",
  summary: "Message brokers, handlers, webhooks and notifications.",
  capabilities: ["message-broker", "message-handler"],
});
