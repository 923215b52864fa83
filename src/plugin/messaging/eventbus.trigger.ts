import { defineTrigger } from "../../define/define.ts";
import { asMap } from "../../json/map.ts";
import { Type } from "../../schema/field.ts";
import { isWanted } from "./event_subscription.ts";
import { InFlight } from "./in_flight.ts";

/** Starts a workflow for each event on the event bus. */
export default defineTrigger({
  type: "eventbus",
  summary: "Starts a workflow for each event that is published on the event bus of the process.",
  listKey: "subscriptions",
  entry: Type.Object({
    topic: Type.String({
      description: "Topic. `*` stands for one segment, at the end for all that follow, and `**` for any number.",
      minLength: 1,
    }),
    event: Type.String({ description: "Only events whose `type` (or `eventType`) is this; all without.", default: "" }),
    async: Type.Boolean({
      description: "Whether the publisher goes on at once instead of waiting until the workflow has ended.",
      default: false,
    }),
  }),
  build({ runtime }, { topic, event, async: isAsync }, { target, params }) {
    const runs = new InFlight();
    let unsubscribe = (): void => {};
    return {
      open() {
        unsubscribe = runtime.events.subscribe({
          topic,
          isAsync,
          onEvent: (_topic, payload) => {
            if (!isWanted(payload, event)) return;
            const data = { ...asMap(payload), ...params };
            return runs.run(async () => void (await target.run(data, { trigger: "eventbus" })));
          },
        });
      },
      drain(signal) {
        unsubscribe();
        return runs.idle(signal);
      },
    };
  },
});
