export { default as plugin } from "./plugin.ts";
export { default as detail } from "./marketplace_detail.step.ts";
export { default as install } from "./marketplace_install.step.ts";
export { default as installed } from "./marketplace_installed.step.ts";
export { default as search } from "./marketplace_search.step.ts";
export { default as uninstall } from "./marketplace_uninstall.step.ts";
export { default as update } from "./marketplace_update.step.ts";
