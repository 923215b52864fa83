import { definePlugin } from "../../define/define.ts";

/** License validation. */
export default definePlugin({
  name: "license",
  version: "1.0.0",
  summary: "License validation.",
  capabilities: ["license-validation"],
});
