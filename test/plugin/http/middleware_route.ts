import { withServer } from "../../harness/server.ts";

/** A server whose route `GET /x` (and `POST /x`, which fails) goes through one middleware. */
export function withMiddleware(type: string, settings = "{}", rest = ""): string {
  return withServer(`
  - { name: hello, type: http.handler }
  - { name: around, type: ${type}, config: ${settings} }
${rest}
workflows:
  http:
    routes:
      - { method: GET, path: /x, handler: hello, middlewares: [around] }
triggers:
  http:
    routes:
      - { method: POST, path: /x, workflow: fail, middlewares: [around] }
pipelines:
  fail:
    steps:
      - { name: broken, type: step.set, config: { values: { a: "{{ .missing.x }}" } } }
`);
}
