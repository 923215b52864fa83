import type { Static, TObject } from "typebox";
import { parseYaml } from "../../src/config/parse.ts";
import type { WorkflowError } from "../../src/error/error.ts";
import { decodeConfig } from "../../src/schema/decode.ts";
import type { FoundTemplate, RefRequest, Subject } from "../../src/schema/decode_context.ts";

/** What came of decoding a text. Problems are shown as `line:column message (hint)`. */
export interface Decoded<C extends TObject> {
  readonly value: Static<C>;
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
  readonly requests: readonly RefRequest[];
  readonly templates: readonly FoundTemplate[];
}

const subject: Subject = {
  missing: (key, path, { hasConfig, snake }) =>
    `${path}: ${key} is missing${hasConfig ? "" : " (no config)"}${snake === undefined ? "" : ` (found ${snake})`}`,
  invalid: (_key, path, reason) => `${path} ${reason}`,
};

/** Decodes YAML with a schema; `undefined` stands for a component without settings. */
export function decode<C extends TObject>(schema: C, yaml: string | undefined): Decoded<C> {
  const errors: WorkflowError[] = [];
  const warnings: WorkflowError[] = [];
  const requests: RefRequest[] = [];
  const templates: FoundTemplate[] = [];
  const where = { path: "config", at: { file: "c.yaml", line: 1, column: 1 } };
  const node = yaml === undefined ? undefined : parseYaml(yaml, "c.yaml", (problem) => void warnings.push(problem));
  const value = decodeConfig(schema, node, where, {
    subject,
    configDir: "/etc/app",
    workDir: "/srv/app",
    templates: {},
    problem: (problem) => void errors.push(problem),
    warn: (problem) => void warnings.push(problem),
    request: (request) => void requests.push(request),
    template: (found) => void templates.push(found),
    readFile(path) {
      if (path === "/etc/app/spec.json") return "{}";
      throw new Error("no such file or directory");
    },
    steps: (_node, form, path) => `${form} at ${path}`,
  });
  return { value, errors: errors.map(shown), warnings: warnings.map(shown), requests, templates };
}

function shown({ at: [at], message, hint }: WorkflowError): string {
  const place = at === undefined ? "" : `${at.line}:${at.column} `;
  return `${place}${message}${hint === undefined ? "" : ` (${hint})`}`;
}
