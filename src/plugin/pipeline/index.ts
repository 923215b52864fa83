export { default as plugin } from "./plugin.ts";
export { default as conditional } from "./conditional.step.ts";
export { default as jsonResponse } from "./json_response.step.ts";
export { default as log } from "./log.step.ts";
export { default as requestParse } from "./request_parse.step.ts";
export { default as set } from "./set.step.ts";
