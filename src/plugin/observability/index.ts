export { default as plugin } from "./plugin.ts";
export { default as health } from "./health.module.ts";
export { default as log } from "./log.module.ts";
export { default as metrics } from "./metrics.module.ts";
