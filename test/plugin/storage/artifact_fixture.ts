import { withServer } from "../../harness/server.ts";

const place = `store: store, key: "{{ .body.key }}"`;

/** A server with a store and `POST /upload`, `/download`, `/list` and `/delete`, whose settings come from the body. */
export function artifactServer(module = "{}"): string {
  return withServer(`
  - { name: store, type: storage.artifact, config: ${module} }
pipelines:
${pipeline("upload", `{ ${place}, source: "{{ .body.source }}", metadata: { by: "{{ .body.by }}", n: 5 } }`)}
${pipeline("download", `{ ${place}, dest: "{{ .body.dest }}" }`)}
${pipeline("list", `{ store: store, prefix: "{{ .body.prefix }}" }`)}
${pipeline("delete", `{ ${place} }`)}
`);
}

function pipeline(word: string, config: string): string {
  return `  ${word}:
    trigger: { type: http, config: { method: POST, path: /${word} } }
    steps:
      - { name: act, type: step.artifact_${word}, config: ${config} }
      - { name: answer, type: step.json_response, config: { body_from: steps.act } }
`;
}

/** Keys that could lead out of the store, with what is said about each. */
export const badKeys: readonly (readonly [string, string])[] = [
  ["../x", `must not contain ".."`],
  ["a/../../x", `must not contain ".."`],
  ["..", `must not contain ".."`],
  ["./x", `must not contain "."`],
  ["a//b", "must not be empty or have empty parts"],
  ["", "must not be empty or have empty parts"],
  ["/", "must not be empty or have empty parts"],
  ["a/", "must not be empty or have empty parts"],
  ["a\\b", "must not contain backslashes or control characters"],
  ["a\u0000b", "must not contain backslashes or control characters"],
  [".partial/x", `must not begin with ".partial"`],
  ["/.partial/x", `must not begin with ".partial"`],
  ["a.meta", `must not have parts that end in ".meta"`],
  ["a.meta/b", `must not have parts that end in ".meta"`],
  ["x".repeat(251), "must not have parts longer than 250 bytes"],
  ["x/".repeat(600), "must not be longer than 1024 bytes"],
];
