export { default as plugin } from "./plugin.ts";
export { default as env } from "./env.secret.ts";
export { default as file } from "./file.secret.ts";
