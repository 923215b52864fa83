import { expect, test } from "bun:test";
import { check } from "../harness/server.ts";

const text =
  "config has no entry points (no triggers, HTTP routes, messaging subscriptions, scheduler jobs, or pipelines); " +
  "add entry points or set allow_no_entry_points for embeddable sub-workflows";
const handler = "modules: [{name: h, type: http.handler}]\n";

test("a configuration that nothing can reach is a warning", async () => {
  expect(await check(handler)).toEqual({ errors: [], warnings: [`1:1: ${text}`] });
});

test("a configuration without modules is valid, with a warning", async () => {
  expect(await check("modules: []\n")).toEqual({
    errors: [],
    warnings: ["1:1: modules: at least one module is required"],
  });
});

test("an empty file is fine", async () => {
  expect(await check("")).toEqual({ errors: [], warnings: [] });
});

test.each([
  ["a pipeline", `${handler}pipelines: { p: { steps: [] } }\n`],
  ["a server", 'modules: [{name: s, type: http.server, config: {address: "127.0.0.1:0"}}]\n'],
  ["a trigger", `${handler}triggers: { http: [] }\n`],
  [
    "a route",
    `modules: [{name: h, type: http.handler}, {name: r, type: http.router}]
workflows: { http: { routes: [{ method: GET, path: /a, handler: h }] } }\n`,
  ],
])("%s is an entry point", async (_what, yaml) => {
  const { warnings } = await check(yaml);
  expect(warnings.filter((warning) => warning.includes("entry points"))).toEqual([]);
});
