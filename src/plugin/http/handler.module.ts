import { defineModule } from "../../define/define.ts";
import { encodeJsonLine } from "../../json/encode.ts";
import { HttpHandler } from "../../port/http.ts";
import { Type } from "../../schema/field.ts";

/** Answers every request with one fixed JSON object. */
export default defineModule({
  type: "http.handler",
  summary: "Handler that answers with a fixed JSON object, for placeholders and smoke tests.",
  category: "http",
  provides: [HttpHandler],
  config: Type.Object({
    contentType: Type.String({ description: "Content type of the response.", default: "application/json" }),
  }),
  create({ name }, { contentType }) {
    const body = encodeJsonLine({ handler: name, message: "Default handler response", status: "success" });
    const headers = { "content-type": contentType === "" ? "application/json" : contentType };
    const service: HttpHandler = { handler: () => () => new Response(body, { headers }) };
    return { service };
  },
});
