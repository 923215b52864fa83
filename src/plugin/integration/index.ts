export { default as integration } from "./integration.workflow.ts";
export { default as plugin } from "./plugin.ts";
