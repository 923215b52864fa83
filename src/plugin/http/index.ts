export { default as plugin } from "./plugin.ts";
export { default as server } from "./server.module.ts";
export { default as router } from "./router.module.ts";
export { default as handler } from "./handler.module.ts";
export { default as httpWorkflow } from "./http.workflow.ts";
export { default as httpTrigger } from "./http.trigger.ts";
