export { default as plugin } from "./plugin.ts";
export { default as context } from "./context.module.ts";
