export { default as dlq } from "./dlq.module.ts";
export { default as eventstore } from "./eventstore.module.ts";
export { default as plugin } from "./plugin.ts";
export { default as timeline } from "./timeline.module.ts";
