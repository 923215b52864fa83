import { serve, type TestServer, withServer } from "../../harness/server.ts";

/** A policy engine `guard` and a pipeline behind `POST /p`, from its steps, one a line. */
export function policyPipeline(steps: readonly string[], policies = "[]"): string {
  return withServer(`
  - { name: guard, type: policy.mock, config: { policies: ${policies} } }
pipelines:
  p:
    trigger: { type: http, config: { path: /p, method: POST } }
    steps:
${steps.map((step) => `      - ${step}`).join("\n")}
`);
}

/** Serves such a pipeline, with messages of errors visible to the client. */
export function servePolicy(steps: readonly string[], policies?: string): Promise<TestServer> {
  return serve(policyPipeline(steps, policies), { isDevelopment: true });
}

/** Answers with the output of a step. */
export function answerWith(step: string): string {
  return `{ name: answer, type: step.json_response, config: { body_from: steps.${step} } }`;
}

/** Runs the step as the only one of a loop, so that its output is known also when it ends the run. */
export function alone(step: string): readonly string[] {
  const config = step.replace(/config: \{ (.*) \} \}$/, "$1 }");
  return [
    "{ name: one, type: step.set, config: { values: { one: [1] } } }",
    `{ name: loop, type: step.foreach, config: { collection: one, step: ${config} } }`,
    "{ name: answer, type: step.json_response, config: { body_from: steps.loop.results } }",
  ];
}
