export { default as plugin } from "./plugin.ts";
export { default as command } from "./command.module.ts";
export { default as gateway } from "./gateway.module.ts";
export { default as handler } from "./handler.module.ts";
export { default as query } from "./query.module.ts";
export { default as registry } from "./registry.module.ts";
export { default as transform } from "./transform.step.ts";
export { default as transformer } from "./transformer.module.ts";
