export { default as connector } from "./connector.module.ts";
export { default as engine } from "./engine.module.ts";
export { default as plugin } from "./plugin.ts";
export { default as processing } from "./processing.module.ts";
export { default as statemachine } from "./statemachine.workflow.ts";
export { default as statemachineGet } from "./statemachine_get.step.ts";
export { default as statemachineTransition } from "./statemachine_transition.step.ts";
export { default as tracker } from "./tracker.module.ts";
