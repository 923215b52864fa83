import { inertModule } from "./inert.ts";

/** The event bus is always there. */
export default inertModule(
  "eventbus.modular",
  "Accepted for older configurations: the event bus is built in.",
  "messaging",
);
