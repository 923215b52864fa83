import { expect, test } from "bun:test";
import { check } from "../harness/server.ts";

const pipeline = (text: string) => `pipelines:\n  p:\n${text.replaceAll(/^/gm, "    ")}\n`;
const noModules = "1:1: modules: at least one module is required";
const step = "{ name: a, type: step.set, config: { values: { x: 1 } } }";

test.each([
  ["pipelines: { p: text }", '1:17: pipeline "p": failed to parse config: must be a map, got string'],
  [pipeline("steps: 5"), '3:12: pipeline "p": steps must be a list, got number'],
  [pipeline("steps: [just text]"), '3:13: pipeline "p": pipelines.p.steps[0]: a step must be a map, got string'],
  [
    pipeline("steps:\n  - { name: a, type: step.sett }"),
    '4:26: pipeline "p": step "a" (type step.sett): unknown step type: step.sett',
  ],
  [pipeline("steps:\n  - { name: a }"), '4:9: pipeline "p": step "a" (type ): unknown step type: '],
  [
    pipeline("steps: []\ncompensation:\n  - { name: c, type: nope }"),
    '5:26: pipeline "p" compensation: step "c" (type nope): unknown step type: nope',
  ],
  [
    pipeline("steps:\n  - { name: s, type: step.set }"),
    '4:9: pipeline "p": step "s" (type step.set): set step "s": \'values\' is required',
  ],
  [pipeline("timeout: soon\nsteps: []"), /^3:14: pipeline "p": invalid timeout "soon": /],
  [
    pipeline(`steps:\n  - { name: a, type: step.log, config: { message: x }, timeout: never }`),
    /^4:69: pipelines\.p\.steps\[0\]\.timeout: invalid timeout "never": /,
  ],
  [
    pipeline("steps:\n  - { name: a, type: step.log, config: { message: x }, retry: 3 }"),
    "4:67: pipelines.p.steps[0].retry: must be a map, got number",
  ],
  [
    pipeline("steps:\n  - { name: a, type: step.log, config: { message: x }, retry: { max_attempts: 0 } }"),
    "4:67: pipelines.p.steps[0].retry.max_attempts: must be a whole number from 1",
  ],
  [
    pipeline('steps:\n  - { name: a, type: step.log, config: { message: x }, if: "{{ if }}" }'),
    /^4:64: pipelines\.p\.steps\[0\]\.if: /,
  ],
] as readonly (readonly [string, string | RegExp])[])("%j is refused", async (yaml, expected) => {
  const { errors } = await check(yaml);
  expect(errors).toHaveLength(1);
  if (typeof expected === "string") expect(errors[0]).toBe(expected);
  else expect(errors[0]).toMatch(expected);
});

test("every pipeline's problems are reported at once, in the order of the file", async () => {
  const { errors } = await check(`pipelines:
  first: { steps: [{ name: a, type: nope }, { name: b, type: gone }] }
  second: { steps: [{ name: c, type: lost }] }
`);
  expect(errors).toEqual([
    '2:37: pipeline "first": step "a" (type nope): unknown step type: nope',
    '2:62: pipeline "first": step "b" (type gone): unknown step type: gone',
    '3:38: pipeline "second": step "c" (type lost): unknown step type: lost',
  ]);
});

test.each([
  [
    "a key of the pipeline",
    pipeline(`steps: [${step}]\nstep: []`),
    '4:5: pipelines.p.step: "step" is not known here and has no effect',
  ],
  [
    "a key of a step",
    pipeline("steps:\n  - { name: a, type: step.log, config: { message: x }, message: y }"),
    '4:60: pipelines.p.steps[0].message: "message" is not known here and has no effect',
  ],
  [
    "another error strategy",
    pipeline(`on_error: retry\nsteps: [${step}]`),
    '3:15: pipelines.p.on_error: must be stop, skip or compensate, got "retry"; stop is used',
  ],
])("%s is a warning", async (_what, yaml, expected) => {
  expect(await check(yaml)).toEqual({ errors: [], warnings: [noModules, expected] });
});

test("a timeout may be zero, empty or a duration", async () => {
  for (const timeout of ["0", '""', "30s", "1h30m"]) {
    expect(await check(pipeline(`timeout: ${timeout}\nsteps: [${step}]`))).toEqual({
      errors: [],
      warnings: [noModules],
    });
  }
});
