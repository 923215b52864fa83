export { default as plugin } from "./plugin.ts";
export { default as mock } from "./mock.trigger.ts";
export { default as schedule } from "./schedule.trigger.ts";
export { default as scheduler } from "./scheduler.workflow.ts";
