import { defineModule } from "../../define/define.ts";
import { WorkflowError } from "../../error/error.ts";
import { StateConnector, StateTracker } from "../../port/statemachine.ts";
import { optionalRef, Type } from "../../schema/field.ts";
import { TrackingConnector } from "./connector.ts";

/** Connects state machine engines to a state tracker. */
export default defineModule({
  type: "state.connector",
  summary: "Writes the states of state machine instances to a state tracker.",
  category: "statemachine",
  provides: [StateConnector],
  config: Type.Object({
    tracker: optionalRef(StateTracker, {
      description: "State tracker; without one `workflow.service.statetracker`, then the first.",
      fallback: ["workflow.service.statetracker"],
    }),
  }),
  create(_context, { tracker }) {
    const connector = new TrackingConnector(tracker);
    return {
      service: connector,
      start() {
        if (!connector.hasTracker) throw new WorkflowError("start.failed", "state tracker service not found");
      },
      open: () => connector.follow(),
      async drain() {
        connector.unfollow();
      },
    };
  },
});
