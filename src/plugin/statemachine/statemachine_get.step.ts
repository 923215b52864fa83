import { defineStep } from "../../define/define.ts";
import { WorkflowError } from "../../error/error.ts";
import { StateMachineEngine } from "../../port/statemachine.ts";
import { lateRef, template, Type } from "../../schema/field.ts";
import { outputOf } from "../../schema/output.ts";

/** Reads the state of an instance. */
export default defineStep({
  type: "step.statemachine_get",
  summary: "Read the state of a state machine instance.",
  category: "statemachine",
  effect: "read",
  config: Type.Object({
    statemachine: lateRef(StateMachineEngine, { description: "State machine engine." }),
    entity_id: template({ description: "Id of the instance." }),
  }),
  output: outputOf(["current_state", "entity_id"]),
  build({ name }, { statemachine, entity_id }) {
    return (frame) => {
      const id = entity_id.render(frame);
      const instance = statemachine.get().get(id);
      if (instance === undefined) {
        const text = `statemachine_get step "${name}": instance not found: workflow instance '${id}' not found`;
        throw new WorkflowError("module.not_found", text);
      }
      return { output: { current_state: instance.currentState, entity_id: id } };
    };
  },
});
