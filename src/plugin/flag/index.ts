export { default as plugin } from "./plugin.ts";
export { default as featureFlag } from "./feature_flag.step.ts";
export { default as ffGate } from "./ff_gate.step.ts";
export { default as service } from "./service.module.ts";
