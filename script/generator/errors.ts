import { catalog } from "../../src/error/catalog.ts";
import type { Generator } from "./generator.ts";
import { code, page, table, wrap } from "./page.ts";

/** `docs/errors.md`: every error code. */
export const errors: Generator = { path: "docs/errors.md", make: async () => make() };

const groups: Readonly<Record<string, string>> = {
  config: "Configuration",
  start: "Start",
  http: "HTTP",
  management: "Management",
  run: "Runs",
  step: "Steps",
  module: "Modules",
  state: "State machines",
  secret: "Secrets",
  cli: "Command line",
  internal: "Faults of the program",
};

const retries = { never: "no", backoff: "yes, with growing pauses", after: "yes, when `Retry-After` has passed" };

function make(): string {
  const codes = Object.keys(catalog);
  const prefixes = [...new Set(codes.map((name) => name.slice(0, name.indexOf("."))))];
  const sections = prefixes.map((prefix) => {
    const rows = Object.entries(catalog)
      .filter(([name]) => name.startsWith(`${prefix}.`))
      .map(([name, entry]) => row(name, entry));
    const list = table(["Code", "Meaning", "HTTP status", "Try again", "What to do"], rows);
    return `## ${groups[prefix] ?? prefix}\n\n${list}`;
  });
  const head =
    "Every failure carries one of these codes. A problem of a configuration also carries the file, line and column. " +
    "Where a failure reaches an HTTP client, it is answered with the status below and a JSON object with `error`. " +
    "Messages of statuses below 500 are for the client; those of 500 and above are withheld, and the answer carries " +
    "an `id` that the log line of the failure carries too. With `-dev` messages are shown.";
  return page("Error codes", [wrap(head), ...sections]);
}

interface Entry {
  readonly title: string;
  readonly status: number;
  readonly retry: keyof typeof retries;
  readonly hint?: string;
}

function row(name: string, { title, status, retry, hint }: Entry): readonly string[] {
  return [code(name), title, String(status), retries[retry], hint ?? ""];
}
