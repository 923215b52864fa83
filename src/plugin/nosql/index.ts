export { default as memory } from "./memory.module.ts";
export { default as nosqlDelete } from "./nosql_delete.step.ts";
export { default as nosqlGet } from "./nosql_get.step.ts";
export { default as nosqlPut } from "./nosql_put.step.ts";
export { default as nosqlQuery } from "./nosql_query.step.ts";
export { default as plugin } from "./plugin.ts";
