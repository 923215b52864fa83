import { defineStep } from "../../define/define.ts";
import { messageOf, prefixed } from "../../error/error.ts";
import { asMap } from "../../json/map.ts";
import { StateMachineEngine } from "../../port/statemachine.ts";
import { lateRef, template, templateValue, Type } from "../../schema/field.ts";
import { outputOf } from "../../schema/output.ts";

/** Moves an instance of a state machine. */
export default defineStep({
  type: "step.statemachine_transition",
  summary: "Fire a transition of a state machine instance.",
  category: "statemachine",
  effect: "write",
  config: Type.Object({
    statemachine: lateRef(StateMachineEngine, { description: "State machine engine." }),
    entity_id: template({ description: "Id of the instance; it must exist." }),
    event: template({ description: "Name of the transition." }),
    data: Type.Optional(
      templateValue({ description: "Values that are merged into the instance's data.", shape: "map" }),
    ),
    fail_on_error: Type.Boolean({
      description: "Whether a transition that is not possible fails the step instead of being its result.",
      default: false,
    }),
  }),
  output: outputOf(["transition_ok", "new_state", "error"]),
  build({ name }, { statemachine, entity_id, event, data, fail_on_error }) {
    return async (frame) => {
      const engine = statemachine.get();
      const id = entity_id.render(frame);
      const transition = event.render(frame);
      const values = asMap(data?.resolve(frame));
      try {
        const { currentState } = await engine.transition(id, transition, values);
        return { output: { transition_ok: true, new_state: currentState } };
      } catch (error) {
        if (fail_on_error) {
          throw prefixed(`statemachine_transition step "${name}": transition failed: `, error, "step.failed");
        }
        return { output: { transition_ok: false, error: messageOf(error) } };
      }
    };
  },
});
