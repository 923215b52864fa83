export { default as plugin } from "./plugin.ts";
export { default as provider } from "./provider.module.ts";
