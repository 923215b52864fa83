import { definePlugin } from "../../define/define.ts";

/** State machines, and where things stand. */
export default definePlugin({
  name: "statemachine",
  version: "1.0.0",
  summary: "State machines and state tracking.",
  capabilities: ["state-machine", "state-tracking"],
});
