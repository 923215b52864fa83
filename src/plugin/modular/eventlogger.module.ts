import { inertModule } from "./inert.ts";

/** The log is always there. */
export default inertModule(
  "eventlogger.modular",
  "Accepted for older configurations: logging is built in.",
  "observability",
);
