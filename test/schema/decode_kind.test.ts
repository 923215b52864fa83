import { describe, expect, test } from "bun:test";
import type { TSchema } from "typebox";
import { Secret } from "../../src/log/secret.ts";
import {
  any,
  anyMap,
  choice,
  count,
  cron,
  definePort,
  duration,
  file,
  fieldPath,
  lateRef,
  optionalRef,
  path,
  position,
  real,
  ref,
  refAll,
  secret,
  size,
  sql,
  steps,
  template,
  templateValue,
  Type,
  valuePath,
} from "../../src/schema/field.ts";
import { decode } from "./decoding.ts";

const described = { description: "D." };
const only = (field: TSchema) => Type.Object({ a: field });

test.each<[string, TSchema, string, unknown]>([
  ["a whole number", count(described), "a: 5", 5],
  ["a whole number", count(described), 'a: "5"', 5],
  ["a whole number", count(described), "a: 5.0", 5],
  ["a whole number", count(described), "a: 010", 8],
  ["a whole number", count(described), "a: 1_000", 1000],
  ["a number", real(described), 'a: "1.5e3"', 1500],
  ["a number", real(described), "a: -0.5", -0.5],
  ["a duration", duration(described), "a: 1h30m", 5_400_000],
  ["a duration", duration(described), "a: 250ms", 250],
  ["a duration", duration(described), "a: 7d", 604_800_000],
  ["a duration", duration(described), "a: 0", 0],
  ["a size", size(described), "a: 512", 512],
  ["a size", size(described), "a: 10MiB", 10_485_760],
  ["a size", size(described), "a: 1.5 kB", 1500],
  ["a size", size(described), "a: 2Gi", 2_147_483_648],
  ["a size", size(described), "a: 4k", 4096],
  ["a choice", choice(["on", "off"], described), "a: off", "off"],
  ["any value", any(described), "a: {b: [1, null, x]}", { b: [1, null, "x"] }],
  ["a map of anything", anyMap(described), "a: {b: 1}", { b: 1 }],
  ["SQL", sql(described), "a: select 1", "select 1"],
  ["a path beside the file", path({ ...described, base: "config" }), "a: x/y", "/etc/app/x/y"],
  ["a path of data", path({ ...described, base: "work" }), "a: ./x.db", "/srv/app/x.db"],
  ["an absolute path", path({ ...described, base: "work" }), "a: /var/x", "/var/x"],
  ["a step", steps({ ...described, form: "one" }), "a: {type: t}", "one at config.a"],
  ["steps", steps({ ...described, form: "list" }), "a: [{type: t}]", "list at config.a"],
])("%s", (_title, field, yaml, value) => {
  expect(decode(only(field), yaml)).toMatchObject({ value: { a: value }, errors: [], warnings: [] });
});

test.each<[string, TSchema, string, string]>([
  ["a fraction", count(described), "a: 1.5", 'config.a must be a whole number, got "1.5"'],
  ["a word", count(described), "a: five", 'config.a must be a number, got "five"'],
  ["a blank", count(described), 'a: " "', 'config.a must be a number, got " "'],
  ["infinity", real(described), "a: .inf", 'config.a must be a number, got ".inf"'],
  ["too little", count({ ...described, minimum: 1 }), "a: 0", 'config.a must be at least 1, got "0"'],
  ["too much", real({ ...described, maximum: 1 }), "a: 1.1", 'config.a must be at most 1, got "1.1"'],
  [
    "no unit",
    duration(described),
    "a: 5",
    'config.a cannot be read: invalid duration "5": the number 5 needs a unit: ns, us, ms, s, m, h or d',
  ],
  ["too short", duration({ ...described, minimum: 1 }), "a: 0s", "config.a must be at least 1 ms, got 0s"],
  ["an unknown unit", size(described), "a: 5 parsecs", 'config.a must be a size such as 10MiB, got "5 parsecs"'],
  ["a small size", size({ ...described, minimum: 10 }), "a: 5", "config.a must be at least 10 bytes"],
  [
    "another word",
    choice(["hourly", "daily"], described),
    "a: dayly",
    'config.a must be one of hourly, daily, got "dayly" (did you mean "daily"?)',
  ],
  ["a text", anyMap(described), "a: x", "config.a must be a map, got string"],
  [
    "a template",
    sql(described),
    "a: select {{ .x }}",
    "config.a must not contain template expressions (use params instead)",
  ],
  ["a list", template(described), "a: [x]", "config.a must be text, got list"],
  ["a list", templateValue({ ...described, shape: "map" }), "a: [x]", "config.a must be a map, got list"],
  ["a map", templateValue({ ...described, shape: "list" }), "a: {b: c}", "config.a must be a list, got map"],
  ["a list", steps({ ...described, form: "one" }), "a: [x]", "config.a must be a step, got list"],
  ["a map", steps({ ...described, form: "list" }), "a: {b: c}", "config.a must be a list of steps, got map"],
  ["a map", secret(described), "a: {b: c}", "config.a must be text, got map"],
  ["a list", fieldPath(described), "a: [x]", "config.a must be a path, got list"],
])("%s is refused", (_title, field, yaml, problem) => {
  expect(decode(only(field), yaml).errors).toEqual([`1:4 ${problem}`]);
});

test("a secret prints as stars and reveals its text", () => {
  const { value } = decode(Type.Object({ a: secret(described) }), "a: hush");
  expect(value.a).toBeInstanceOf(Secret);
  expect(`${value.a}`).toBe("***");
  expect(value.a.reveal()).toBe("hush");
});

test("a cron expression is ready to compute ticks; one that cannot be read says why", () => {
  const schema = Type.Object({ a: cron(described) });
  expect(decode(schema, 'a: "@hourly"').value.a.next(0)).toBe(3_600_000);
  expect(decode(schema, "a: 1 2 3").errors).toEqual([
    '1:4 config.a cannot be read: invalid cron expression "1 2 3": expected 5 fields, got 3',
  ]);
});

describe("a file", () => {
  const schema = Type.Object({ a: file(described) });
  test("is read with the configuration", () => {
    const { value } = decode(schema, "a: spec.json");
    expect(value.a).toMatchObject({
      name: "spec.json",
      path: "/etc/app/spec.json",
      text: "{}",
      at: { line: 1, column: 4 },
    });
  });
  test("that cannot be read is a problem with advice", () => {
    expect(decode(schema, "a: sub/none.json").errors).toEqual([
      '1:4 config.a file "sub/none.json" cannot be read: no such file or directory' +
        " (relative names are looked for beside the configuration file, in /etc/app/sub)",
    ]);
  });
});

describe("a template", () => {
  test("is compiled, and its references are collected for checks", () => {
    const { value, templates } = decode(Type.Object({ a: template(described) }), "a: Hi {{ .steps.x.y }}");
    expect(value.a.isConstant).toBe(false);
    expect(templates.map(({ path, references }) => [path, references.map((found) => found.path)])).toEqual([
      ["config.a", [["steps", "x", "y"]]],
    ]);
  });
  test("with a syntax error is a warning, since it may never be used", () => {
    const { errors, warnings } = decode(Type.Object({ a: template(described) }), "a: '{{ .x '");
    expect(errors).toEqual([]);
    expect(warnings).toEqual(["1:4 config.a: template parse error: template: :1: unclosed action"]);
  });
  test("inside a value is found at its own place", () => {
    const { templates } = decode(Type.Object({ a: templateValue(described) }), "a:\n  b: [1, '{{ .steps.x.y }}']");
    expect(templates.map(({ node }) => node.at)).toEqual([{ file: "c.yaml", line: 2, column: 10 }]);
  });
  test("value keeps what was written", () => {
    const { value } = decode(Type.Object({ a: templateValue(described) }), "a: {b: '{{ .x }}', c: 5}");
    expect(value.a.written).toEqual({ b: "{{ .x }}", c: 5 });
  });
});

describe("a path to a value", () => {
  test.each([
    [valuePath("body", described), "a: steps.x.y", [["steps", "x", "y"]]],
    [valuePath("source", described), "a: steps.x", [["steps", "x"]]],
    [valuePath("collection", described), "a: items", [["items"]]],
    [fieldPath(described), "a: steps.x.y", [["steps", "x", "y"]]],
    [fieldPath({ ...described, wrap: "action" }), "a: .steps.x.y", [["steps", "x", "y"]]],
  ])("%# is compiled, and what it refers to is collected", (field, yaml, paths) => {
    const { templates } = decode(only(field), yaml);
    expect(templates.flatMap(({ references }) => references.map((found) => found.path))).toEqual(paths);
  });
});

describe("a reference", () => {
  const Clock = definePort<{ now(): number }>("clock", "a clock");
  const service = { now: () => 5 };

  test("that is required is asked for by name and role, and bound where it stands", () => {
    const { value, requests } = decode(Type.Object({ a: ref(Clock, described) }), "a: wall");
    expect(requests).toHaveLength(1);
    expect(requests[0]).toMatchObject({
      name: "wall",
      port: "clock",
      portTitle: "a clock",
      mode: "required",
      path: "config.a",
    });
    requests[0]?.bind(service);
    expect(value.a.now()).toBe(5);
  });
  test("in a list is bound at its index", () => {
    const { value, requests } = decode(Type.Object({ a: Type.Array(ref(Clock, described), described) }), "a: [x, y]");
    requests[1]?.bind(service);
    expect(value.a[1]?.now()).toBe(5);
    expect(requests.map(({ path }) => path)).toEqual(["config.a[0]", "config.a[1]"]);
  });
  test("that is required and absent is an error, without any role to fall back to", () => {
    expect(decode(Type.Object({ a: ref(Clock, described) }), "{}").errors).toEqual(["1:1 config.a: a is missing"]);
  });
  test("with a fallback is looked for by its role when it is absent", () => {
    const { requests, errors } = decode(Type.Object({ a: ref(Clock, { ...described, fallback: ["main"] }) }), "{}");
    expect(errors).toEqual([]);
    expect(requests[0]).toMatchObject({ name: undefined, fallback: ["main"], mode: "required" });
  });
  test("that is optional and absent is undefined and asks for nothing", () => {
    const { value, requests } = decode(Type.Object({ a: optionalRef(Clock, described) }), "{}");
    expect(value).toEqual({ a: undefined });
    expect(requests).toEqual([]);
  });
  test("that is late throws when it is used unbound, and gives its service once bound", () => {
    const { value, requests } = decode(Type.Object({ a: lateRef(Clock, described) }), "a: wall");
    expect(value.a.find()).toBeUndefined();
    expect(() => value.a.get()).toThrow('service "wall" not found as a clock');
    requests[0]?.bind(service);
    expect(value.a.get().now()).toBe(5);
  });
  test("to every service with a role is no key of the file", () => {
    const { requests, warnings } = decode(Type.Object({ a: refAll(Clock, described) }), "a: x");
    expect(requests).toMatchObject([{ name: undefined, mode: "all", port: "clock" }]);
    expect(warnings).toEqual(['1:1 config.a: "a" is not known here and has no effect']);
  });
  test("written as a list is refused", () => {
    expect(decode(Type.Object({ a: ref(Clock, described) }), "a: [x]").errors).toEqual([
      "1:4 config.a must be the name of a module, got list",
    ]);
  });
});

test("a map can know where it stands", () => {
  const schema = Type.Object({ a: Type.Array(Type.Object({ at: position() }), described) });
  expect(decode(schema, "a:\n  - {}").value.a[0]?.at).toEqual({ file: "c.yaml", line: 2, column: 5 });
});
