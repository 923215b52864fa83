import { defineStep } from "../../define/define.ts";
import { choice, template, Type } from "../../schema/field.ts";
import { outputOf } from "../../schema/output.ts";

/** Writes a message and the pipeline's data to the log. */
export default defineStep({
  type: "step.log",
  summary: "Write a message to the log.",
  category: "pipeline",
  effect: "pure",
  config: Type.Object({
    message: template({ description: "Text to log." }),
    level: choice(["debug", "info", "warn", "error"], {
      description: "Severity. At `debug` log level, and for messages of level debug, the pipeline's data is added.",
      default: "info",
      invalid: "error",
    }),
  }),
  output: outputOf([]),
  build({ log }, { message, level }) {
    return (frame) => {
      const text = message.render(frame);
      const withContext = log.isDebug || level === "debug";
      log.log(level, text, withContext ? { context: frame.current } : undefined);
      return {};
    };
  },
});
