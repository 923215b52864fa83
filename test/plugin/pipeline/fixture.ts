import { type ServeOptions, serve, type TestServer, withServer } from "../../harness/server.ts";

/** A pipeline `p` behind `POST /p`, from its steps, one a line. `rest` is put beside it. */
export function pipelineOf(steps: readonly string[], rest = ""): string {
  return withServer(`
pipelines:
  p:
    trigger: { type: http, config: { method: POST, path: /p } }
    steps:
${steps.map((step) => `      - ${step}`).join("\n")}
${rest}`);
}

/** Serves such a pipeline, with messages of errors visible to the client. */
export function servePipeline(
  steps: readonly string[],
  options: ServeOptions & { readonly rest?: string } = {},
): Promise<TestServer> {
  return serve(pipelineOf(steps, options.rest), { isDevelopment: true, ...options });
}

/** A step that answers with the output of another. */
export function answerWith(step: string): string {
  return `{ name: answer, type: step.json_response, config: { body_from: steps.${step} } }`;
}

/** A step that leaves a trace in the log, for `traces`. */
export function trace(name: string): string {
  return `{ name: ${name}, type: step.log, config: { message: "ran ${name}" } }`;
}

/** The traces of a server, in order. */
export function traces(server: TestServer): string[] {
  return server.records.map(({ message }) => message).filter((message) => message.startsWith("ran "));
}
