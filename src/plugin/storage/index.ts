export { default as plugin } from "./plugin.ts";
export { default as database } from "./database.module.ts";
export { default as dbExec } from "./db_exec.step.ts";
export { default as dbQuery } from "./db_query.step.ts";
export { default as sqlite } from "./sqlite.module.ts";
