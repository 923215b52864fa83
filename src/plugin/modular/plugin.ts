import { definePlugin } from "../../define/define.ts";

/** Modules whose types end in `.modular`, and the cache steps. */
export default definePlugin({
  name: "modular-compat",
  version: "1.0.0",
  summary: "In-process cache, scheduler and JSON Schema validation.",
  capabilities: ["cache"],
});
