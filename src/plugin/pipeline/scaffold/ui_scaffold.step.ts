import { defineStep } from "../../../define/define.ts";
import { Type } from "../../../schema/field.ts";
import { outputOf } from "../../../schema/output.ts";
import { responseHeaders } from "../response_header.ts";
import { projectFiles } from "./project.ts";
import { runScaffold, uiFields } from "./scaffold_run.ts";
import { zipOf } from "./zip.ts";

/** Makes a web interface for an API. */
export default defineStep({
  type: "step.ui_scaffold",
  summary: "Make a React project, as a ZIP archive, from an OpenAPI document: the request's body, or the value `spec`.",
  category: "pipeline",
  effect: "read",
  config: Type.Object({
    ...uiFields,
    auth: Type.Optional(
      Type.Boolean({
        description: "Whether there are pages to sign in; without it, when the API has such operations.",
      }),
    ),
    filename: Type.String({ description: "Name of the archive.", default: "scaffold.zip", minLength: 1 }),
  }),
  output: outputOf(["status", "bytes", "zip_bytes", "error"]),
  build({ name }, { filename, title, theme, auth }) {
    const headers = responseHeaders({ "content-disposition": disposition(filename) }, "application/zip");
    const settings = { theme, ...(title === undefined ? {} : { title }), ...(auth === undefined ? {} : { auth }) };
    return (frame) =>
      runScaffold(frame, `ui_scaffold step "${name}": `, settings, (analysis) => {
        const archive = zipOf(projectFiles(analysis));
        return {
          respond(exchange) {
            exchange.respond(200, headers, archive);
            return { status: 200, bytes: archive.length };
          },
          offline: { zip_bytes: archive, bytes: archive.length },
        };
      });
  },
});

/** RFC 6266: a plain name for every client, and the exact one beside it when they differ. */
function disposition(filename: string): string {
  const plain = filename.replaceAll(/[^\u0020-\u007e]/g, "_").replaceAll(/["\\]/g, "_");
  const exact = plain === filename ? "" : `; filename*=UTF-8''${encodeURIComponent(filename).replaceAll("'", "%27")}`;
  return `attachment; filename="${plain}"${exact}`;
}
