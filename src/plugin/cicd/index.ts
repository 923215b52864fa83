export { default as plugin } from "./plugin.ts";
export { default as buildUi } from "./build_ui.step.ts";
