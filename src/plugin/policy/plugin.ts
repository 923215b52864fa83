import { definePlugin } from "../../define/define.ts";

/** Policies, and the steps that ask them. */
export default definePlugin({
  name: "policy",
  version: "1.0.0",
  summary: "Policy engines and the steps that ask them.",
  capabilities: ["policy-enforcement"],
});
