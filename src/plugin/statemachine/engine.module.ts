import { defineModule } from "../../define/define.ts";
import { StateMachineEngine } from "../../port/statemachine.ts";
import { count, duration, Type } from "../../schema/field.ts";
import type { Scope } from "../../scope/scope.ts";
import { assert } from "../../error/error.ts";
import { Machine } from "./machine.ts";

/** Holds the instances of state machines. What they are comes from `workflows.statemachine`. */
export default defineModule({
  type: "statemachine.engine",
  summary: "Holds the instances of the state machines that `workflows.statemachine` defines.",
  category: "statemachine",
  provides: [StateMachineEngine],
  carry: "instance",
  config: Type.Object({
    maxInstances: count({
      description:
        "Most instances kept. Finished ones make room for new ones; when all still run, none can be created.",
      default: 1000,
      minimum: 1,
    }),
    instanceTTL: duration({
      description: "How long finished instances are remembered.",
      default: "24h",
      minimum: 0,
    }),
  }),
  create({ name, log, runtime }, { maxInstances, instanceTTL }) {
    let owner: Scope | undefined;
    const machine = new Machine({
      name,
      log,
      clock: runtime.clock,
      instancesMax: maxInstances,
      finishedMs: instanceTTL,
      spawn(task) {
        assert(owner !== undefined, "instances are created only after the engine has started");
        void owner.spawn("transition", task);
      },
    });
    return {
      service: machine,
      start(scope) {
        owner = scope;
        const help = "Instances that a state machine engine remembers.";
        const read = () => machine.size;
        const labels = { engine: name };
        scope.defer("gauge", runtime.metrics.gauge("workflow_state_machine_instances", help, labels, read));
      },
    };
  },
});
