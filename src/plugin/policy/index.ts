export { default as mock } from "./mock.module.ts";
export { default as plugin } from "./plugin.ts";
export { default as policyEvaluate } from "./policy_evaluate.step.ts";
export { default as policyList } from "./policy_list.step.ts";
export { default as policyLoad } from "./policy_load.step.ts";
export { default as policyTest } from "./policy_test.step.ts";
