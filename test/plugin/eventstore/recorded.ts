import { Database } from "bun:sqlite";
import { withServer } from "../../harness/server.ts";

/** Modules and routes with pipelines that do everything a run can tell. */
export function recording(modules: string, routes = ""): string {
  return withServer(`${modules}
${routes === "" ? "" : `workflows:\n  http:\n    router: router\n    server: server\n    routes:\n${routes}`}
pipelines:
  greet:
    trigger: { type: http, config: { path: /greet, method: POST } }
    steps:
      - { name: name, type: step.set, config: { values: { who: "{{ .body.who }}" } } }
      - { name: answer, type: step.json_response, config: { body: { hello: "{{ .who }}" } } }
  choose:
    trigger: { type: http, config: { path: /choose, method: POST } }
    steps:
      - name: which
        type: step.conditional
        config: { field: body.kind, routes: { big: large }, default: small }
      - { name: small, type: step.set, config: { values: { size: s } } }
      - { name: large, type: step.set, config: { values: { size: l } } }
  job:
    trigger: { type: http, config: { path: /jobs, method: POST, async: true } }
    steps:
      - { name: before, type: step.set, config: { values: { begun: "yes" } } }
      - { name: check, type: step.validate, config: { required_fields: [nothing] } }
  undo:
    on_error: compensate
    trigger: { type: http, config: { path: /undo, method: POST } }
    steps:
      - { name: check, type: step.validate, config: { required_fields: [nothing] } }
    compensation:
      - { name: sorry, type: step.set, config: { values: { undone: "yes" } } }
  wait:
    trigger: { type: http, config: { path: /wait, method: POST, async: true } }
    steps:
      - { name: wait, type: step.wait_for_signal, config: { signal: go } }
`);
}

/** Routes to a handler for every method that handlers of executions and dead letters know. */
export function routesTo(handler: string, ...paths: readonly string[]): string {
  const lines = paths.flatMap((path) =>
    ["GET", "POST", "DELETE"].map((method) => `      - { method: ${method}, path: "${path}", handler: ${handler} }`),
  );
  return lines.join("\n");
}

/** A row of the event file. */
export interface EventRow {
  readonly execution_id: string;
  readonly sequence_num: number;
  readonly event_type: string;
  readonly event_data: string;
  readonly created_at: string;
}

/** The rows of an event file, in their order. */
export function rowsOf(path: string): readonly EventRow[] {
  using database = new Database(path, { readonly: true });
  return database
    .query<EventRow, []>(
      `select execution_id, sequence_num, event_type, event_data, created_at from execution_events
       order by execution_id, sequence_num`,
    )
    .all();
}
