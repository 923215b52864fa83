import { defineModule } from "../../define/define.ts";
import { StateTracker } from "../../port/statemachine.ts";
import { count, real, Type } from "../../schema/field.ts";
import { MemoryTracker } from "./tracker.ts";

const dayMs = 24 * 60 * 60 * 1000;

/** Remembers the last state of each resource. */
export default defineModule({
  type: "state.tracker",
  summary: "Remembers the last known state of each resource, in memory.",
  category: "statemachine",
  provides: [StateTracker],
  carry: "instance",
  config: Type.Object({
    retentionDays: real({
      description: "Days after which a state that did not change is forgotten.",
      default: 30,
      minimum: 0,
    }),
    maxResources: count({
      description: "Most resources remembered; beyond it those that rested longest are forgotten.",
      default: 100_000,
      minimum: 1,
    }),
  }),
  create({ name, log, runtime }, { retentionDays, maxResources }) {
    const tracker = new MemoryTracker({
      log,
      clock: runtime.clock,
      retentionMs: retentionDays * dayMs,
      resourcesMax: maxResources,
    });
    return {
      service: tracker,
      start(scope) {
        const help = "Resources whose state is remembered.";
        const read = () => tracker.size;
        scope.defer("gauge", runtime.metrics.gauge("workflow_tracked_resources", help, { module: name }, read));
      },
    };
  },
});
