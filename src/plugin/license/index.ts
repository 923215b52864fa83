export { default as plugin } from "./plugin.ts";
export { default as validator } from "./validator.module.ts";
