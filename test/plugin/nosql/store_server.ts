import { serve, type TestServer, withServer } from "../../harness/server.ts";

/** A document store `docs` and a pipeline behind `POST /p`, from its steps, one a line. */
export function storePipeline(steps: readonly string[], settings = "{}"): string {
  return withServer(`
  - { name: docs, type: nosql.memory, config: ${settings} }
pipelines:
  p:
    trigger: { type: http, config: { path: /p, method: POST } }
    steps:
${steps.map((step) => `      - ${step}`).join("\n")}
`);
}

/** Serves such a pipeline, with messages of errors visible to the client. */
export function serveStore(steps: readonly string[], settings?: string): Promise<TestServer> {
  return serve(storePipeline(steps, settings), { isDevelopment: true });
}

/** Writes the body under its `key`. */
export const put = '{ name: put, type: step.nosql_put, config: { store: docs, key: "{{ .body.key }}" } }';

/** Answers with the output of a step. */
export function answerWith(step: string): string {
  return `{ name: answer, type: step.json_response, config: { body_from: steps.${step} } }`;
}

/** The message of an answered error. */
export async function errorOf(reply: Response): Promise<string> {
  return String(Object(await reply.json()).error);
}
