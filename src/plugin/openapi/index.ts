export { default as plugin } from "./plugin.ts";
export { default as consumer } from "./consumer.module.ts";
export { default as generator } from "./generator.module.ts";
export { default as openapi } from "./openapi.module.ts";
