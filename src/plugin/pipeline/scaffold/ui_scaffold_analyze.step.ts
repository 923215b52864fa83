import { defineStep } from "../../../define/define.ts";
import { encodeJsonLine } from "../../../json/encode.ts";
import { Type } from "../../../schema/field.ts";
import { outputOf } from "../../../schema/output.ts";
import { runScaffold, uiFields } from "./scaffold_run.ts";
import { analysisMap } from "./ui_analysis.ts";

const keys = ["Title", "Version", "Theme", "HasAuth", "LoginPath", "RegisterPath", "LoginOp", "RegisterOp"];

/** Tells what an interface for an API would have. */
export default defineStep({
  type: "step.ui_scaffold_analyze",
  summary:
    "Analyse an OpenAPI document, from the request's body or the value `spec`, for its resources, forms and sign-in.",
  category: "pipeline",
  effect: "read",
  config: Type.Object(uiFields),
  output: outputOf([...keys, "Operations", "Resources", "status", "error"]),
  build({ name }, { title, theme }) {
    const settings = { theme, ...(title === undefined ? {} : { title }) };
    return (frame) =>
      runScaffold(frame, `ui_scaffold_analyze step "${name}": `, settings, (analysis) => {
        const found = analysisMap(analysis);
        return {
          respond(exchange) {
            exchange.respond(200, { "content-type": "application/json" }, encodeJsonLine(found));
            return found;
          },
          offline: found,
        };
      });
  },
});
