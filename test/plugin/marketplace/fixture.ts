import { withServer } from "../../harness/server.ts";

/** A server whose `POST /p` runs one step and answers with its output. */
export function oneStep(type: string, config: string): string {
  return withServer(`
pipelines:
  p:
    trigger: { type: http, config: { method: POST, path: /p } }
    steps:
      - { name: act, type: ${type}, config: ${config} }
      - { name: answer, type: step.json_response, config: { body_from: steps.act } }
`);
}

/** Routes of every step that changes or shows installations, for the plugin named in the body. */
export const routes = withServer(
  `
pipelines:
${["install", "uninstall", "update", "detail"].map((word) => route(word, `{ plugin: "{{ .body.name }}" }`)).join("")}` +
    route("installed", "{}"),
);

function route(word: string, config: string): string {
  return `  ${word}:
    trigger: { type: http, config: { method: POST, path: /${word} } }
    steps:
      - { name: act, type: step.marketplace_${word}, config: ${config} }
      - { name: answer, type: step.json_response, config: { body_from: steps.act } }
`;
}
