import { expect, test } from "bun:test";
import { loadConfigText } from "../../src/config/load.ts";
import { check, serve, withServer } from "../harness/server.ts";

const pipeline = (steps: readonly string[], more = "") =>
  withServer(`
pipelines:
  p:
    trigger: { type: http, config: { method: POST, path: /p } }
    steps:
${steps.map((step) => `      - ${step}`).join("\n")}
${more}`);

const set = (name: string, text: string) => `{ name: ${name}, type: step.set, config: { values: { v: '${text}' } } }`;

/** A step in block style, whose text stands without quotes and begins in column 16. */
const block = (text: string) => `name: two
        type: step.set
        config:
          values:
            v: t ${text}`;
const first = "{ name: first, type: step.set, config: { values: { total: 1 } } }";

/** Warnings about references only. */
async function warnings(steps: readonly string[], more?: string): Promise<string[]> {
  const found = await check(pipeline(steps, more));
  expect(found.errors).toEqual([]);
  return found.warnings.filter((text) => text.includes('step "'));
}

const where = "pipelines.p.steps[1].config.values:";
const wrong: readonly [text: string, warning: string][] = [
  ["{{ .steps.frist.total }}", `18:21: ${where} refers to step "frist", which is not defined`],
  ['{{ step "nope" "a" }}', `18:21: ${where} refers to step "nope", which is not defined`],
  ['a {{ index .steps "nope" }}', `18:23: ${where} refers to step "nope", which is not defined`],
  ["{{ .steps.first.totl }}", `18:21: ${where} step "first" never gives "totl"`],
  ["{{ .steps.later.v }}", `18:21: ${where} refers to step "later", which runs later`],
  ["{{ .steps.two.v }}", `18:21: ${where} refers to the output of its own step "two"`],
  ["{{ .steps.first.total }} {{ .steps.gone.a }}", `18:46: ${where} refers to step "gone", which is not defined`],
];

test.each(wrong)("%s is a warning", async (text, warning) => {
  expect(await warnings([first, block(text), set("later", "x")])).toEqual([warning]);
});

const right: readonly string[] = [
  "{{ .steps.first.total }}",
  "{{ .steps.first }}",
  "{{ .steps.nope.a | default `x` }}",
  "{{ if .steps.nope }}a{{ end }}",
  "{{ with .steps.nope.x }}a{{ end }}",
  "{{ or .steps.nope.a 1 }}",
  "{{ .steps.first._error }}",
  "{{ .body.steps.nope }}",
];

test.each(right)("%s is fine", async (text) => {
  expect(await warnings([first, set("two", text), set("later", "x")])).toEqual([]);
});

test("the nearest name is the hint", async () => {
  await using server = await serve(withServer(""));
  const yaml = pipeline([first, set("two", "{{ .steps.frist.total }}{{ .steps.first.totl }}")]);
  const { warnings: found } = await server.engine.check(loadConfigText(yaml, "workflow.yaml", server.directory));
  const hints = found.filter(({ code }) => code === "config.step_reference").map(({ hint }) => hint);
  expect(hints).toEqual(['did you mean "first"?', 'did you mean "total"? it gives total']);
});

test("paths are checked like templates", async () => {
  const answer = "{ name: answer, type: step.json_response, config: { body_from: steps.frist.total } }";
  expect(await warnings([first, answer])).toEqual([
    '14:72: pipelines.p.steps[1].config.body_from: refers to step "frist", which is not defined',
  ]);
});

test("where a jump leads back, later steps may have run", async () => {
  const back = "{ name: back, type: step.conditional, config: { field: method, routes: { x: two }, default: end } }";
  expect(await warnings([first, set("two", "{{ .steps.later.v }}"), set("later", "x"), back, trace("end")])).toEqual(
    [],
  );
});

test("inside a loop the sub-steps before are seen, and outside none of them", async () => {
  const loop = `{ name: loop, type: step.foreach, config: { collection: body.l, steps: [
    { name: a, type: step.set, values: { x: '{{ .steps.b.y }}' } },
    { name: b, type: step.set, values: { y: '{{ .steps.a.x }} {{ .steps.first.total }}' } } ] } }`.replaceAll(
    /\s+/g,
    " ",
  );
  const found = await warnings([first, loop, set("after", "{{ .steps.a.x }} {{ .steps.loop.count }}")]);
  expect(found.map((text) => text.replace(/^\d+:\d+: /, ""))).toEqual([
    'pipelines.p.steps[1].config.steps[0].config.values: refers to step "b", which runs later',
    'pipelines.p.steps[2].config.values: refers to step "a", which is not defined',
  ]);
});

test("compensation sees every step", async () => {
  const compensation = `    on_error: compensate
    compensation:
      - ${set("undo", "{{ .steps.two.v }}{{ .steps.nope.v }}")}
`;
  expect(
    (await warnings([first, set("two", "x")], compensation)).map((text) => text.replace(/^\d+:\d+: /, "")),
  ).toEqual(['pipelines.p.compensation[0].config.values: refers to step "nope", which is not defined']);
});

test("routes to steps that are not there, and branches that run on into a sibling, are warnings", async () => {
  const go = (routes: string) => `{ name: go, type: step.conditional, config: { field: method, routes: ${routes} } }`;
  expect(await warnings([go("{ a: nowhere }")])).toEqual([
    '13:9: step "go" routes to step "nowhere", which is not defined',
  ]);
  const both = [go("{ a: one, b: two }"), trace("one"), trace("two")];
  const found = await check(pipeline(both));
  expect(found.warnings).toContain('14:9: after branch "one" the run goes on into its sibling "two"');
});

function trace(name: string): string {
  return `{ name: ${name}, type: step.log, config: { message: "ran ${name}" } }`;
}
