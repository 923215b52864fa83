import { afterAll, expect, test } from "bun:test";
import { loadConfigText } from "../../src/config/load.ts";
import { asWorkflowError, ConfigErrors, messageOf } from "../../src/error/error.ts";
import { runProcess } from "../harness/process.ts";
import { serve } from "../harness/server.ts";

/** Time in which any hostile document must have been dealt with; the slowest takes a tenth of it on two cores. */
const limitMs = 20_000;

const server = await serve("");
afterAll(() => server[Symbol.asyncDispose]());

/** What is found, with the places taken out: how it is said matters here, not where. */
async function verdict(yaml: string): Promise<string> {
  try {
    const { errors, warnings } = await server.engine.check(loadConfigText(yaml, "f.yaml", "/nowhere"));
    return errors[0]?.message ?? warnings[0]?.message ?? "fine";
  } catch (error) {
    return error instanceof ConfigErrors ? (error.problems[0]?.message ?? "") : messageOf(error);
  }
}

const bomb = `a: &a [x, x, x, x, x, x, x, x, x, x]
b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]
c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]
d: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]
e: &e [*d, *d, *d, *d, *d, *d, *d, *d, *d, *d]
f: &f [*e, *e, *e, *e, *e, *e, *e, *e, *e, *e]
g: [*f, *f, *f, *f, *f, *f, *f, *f, *f, *f]
`;

test.each([
  ["lists in brackets, left open", `a: ${"[".repeat(100_000)}`, "f.yaml is nested deeper than 200 levels"],
  ["lists in brackets, closed", `a: ${"[".repeat(5000)}${"]".repeat(5000)}`, "f.yaml is nested deeper than 200 levels"],
  ["maps in braces", `a: ${"{a: ".repeat(5000)}`, "f.yaml is nested deeper than 200 levels"],
  ["lists on one line", `${"- ".repeat(50_000)}x`, "f.yaml is nested deeper than 200 levels"],
  [
    "maps by indentation",
    Array.from({ length: 2000 }, (_, level) => `${" ".repeat(level)}a:`).join("\n"),
    "f.yaml is nested deeper than 200 levels",
  ],
  ["an alias of itself", "a: &a [*a]", "f.yaml is nested deeper than 200 levels"],
  ["aliases of aliases", bomb, "f.yaml is too large once aliases are expanded"],
  ["very many aliases", `a: &a 1\nb:\n${"- *a\n".repeat(100_000)}`, 'a: "a" is not known here and has no effect'],
  [
    "very many merges",
    `a: &a {x: 1}\nb:\n${"- <<: *a\n".repeat(50_000)}`,
    'a: "a" is not known here and has no effect',
  ],
  ["very many documents", "---\n".repeat(100_000), "modules: at least one module is required"],
  ["one endless line", `a: ${"x".repeat(5_000_000)}`, 'a: "a" is not known here and has no effect'],
  ["one endless comment", `#${"#".repeat(5_000_000)}`, "modules: at least one module is required"],
  ["more than 5 MiB", `#${"#".repeat(5 * 1024 * 1024)}`, "f.yaml is larger than 5 MiB"],
  ["many duplicate keys", "a: 1\n".repeat(50_000), 'yaml: mapping key "a" already defined at line 1'],
  ["many anchors of one name", `${"- &a x\n".repeat(50_000)}- *a\n`, "the configuration must be a map, got list"],
  ["unclosed quotes", `a: "${"x\n".repeat(50_000)}`, 'yaml: Missing closing "quote'],
  ["tabs", "modules:\n\t- name: a\n", "yaml: a tab is used for indentation; YAML allows spaces only"],
  ["a NUL", "modules: [\0]", "yaml: control characters are not allowed (U+0000)"],
  ["an escape sequence", "a: \u001b[2J", "yaml: control characters are not allowed (U+001B)"],
])(
  "%s",
  async (_what, yaml, expected) => {
    expect(await verdict(yaml)).toStartWith(expected);
  },
  limitMs,
);

test.each([
  ["modules", "modules: {}", "modules: must be a list, got map"],
  ["a module", "modules: [[]]", "modules[0]: must be a map, got list"],
  ["a name", "modules: [{ name: [a], type: http.router }]", "modules[0].name: module name is required"],
  ["a type", "modules: [{ name: a, type: { b: c } }]", "modules[0].type: module type is required"],
  ["settings", "modules: [{ name: a, type: http.router, config: [1] }]", "modules[0].config: config field"],
  [
    "dependencies",
    "modules: [{ name: a, type: http.router, dependsOn: { b: 1 } }]",
    "modules[0].dependsOn: must be a list",
  ],
  [
    "a dependency",
    "modules: [{ name: a, type: http.router, dependsOn: [[b]] }]",
    "modules[0].dependsOn[0]: dependency name",
  ],
  ["a section", "workflows: { http: 5 }", "workflows.http: config field"],
  ["a pipeline", "pipelines: { p: [1] }", 'pipeline "p": failed to parse config: must be a map, got list'],
  ["steps", "pipelines: { p: { steps: { a: 1 } } }", 'pipeline "p": steps must be a list, got map'],
  ["a trigger", "triggers: { http: 5 }", "triggers.http: routes not found in http trigger configuration"],
  ["requirements", "requires: 5", "requires: must be a map, got number"],
  ["imports", "imports: { a: b }", "imports: must be a list, got map"],
  ["everything", "5", "the configuration must be a map, got number"],
])("%s of the wrong shape", async (_what, yaml, expected) => {
  expect(await verdict(yaml)).toStartWith(expected);
});

test.each([
  ["the top", "__proto__: { polluted: 1 }"],
  ["a module", "modules: [{ name: a, type: http.handler, __proto__: { polluted: 1 } }]"],
  ["settings", 'modules: [{ name: a, type: http.handler, config: { "__proto__": { polluted: 1 } } }]'],
  ["a section", "workflows: { constructor: { prototype: { polluted: 1 } } }"],
  ["pipelines", "pipelines: { __proto__: { steps: [] } }"],
  ["values", "pipelines: { p: { steps: [{ name: a, type: step.set, config: { values: { __proto__: 1 } } }] } }"],
  ["a merge", 'x: &x { "__proto__": 1 }\ny: { <<: *x }'],
])("a key of prototypes in %s", async (_where, yaml) => {
  expect(await verdict(yaml)).toMatch(/^yaml: the key "(__proto__|constructor)" is not allowed$/);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

test.each([
  [
    "modules",
    "modules: [{ name: toString, type: http.handler, dependsOn: [valueOf] }]",
    "depends on 'valueOf' which is not defined",
  ],
  ["module types", "modules: [{ name: a, type: hasOwnProperty }]", 'unknown module type "hasOwnProperty"'],
  ["step types", "pipelines: { p: { steps: [{ name: a, type: toString }] } }", "unknown step type: toString"],
  ["trigger types", "triggers: { valueOf: {} }", 'unknown trigger type "valueOf"'],
  ["sections", "workflows: { toString: {} }", 'unknown workflow type "toString"'],
])("a name that every object has is no name of %s", async (_what, yaml, expected) => {
  expect(await verdict(yaml)).toContain(expected);
});

test(
  "a file of 100,000 lines is checked",
  async () => {
    const module = (index: number) =>
      `- name: m${index}\n  type: http.handler\n  dependsOn: [m${index - 1}]\n  config:\n    contentType: text/plain\n`;
    const rest = Array.from({ length: 20_000 }, (_, index) => module(index + 1)).join("");
    const yaml = `modules:\n- { name: m0, type: http.handler }\n${rest}`;
    expect(yaml.split("\n").length).toBeGreaterThan(100_000);
    expect(await verdict(yaml)).toStartWith("config has no entry points");
  },
  limitMs,
);

test(
  "ten thousand problems are all found, and the message stays one that can be read",
  async () => {
    const lines = Array.from({ length: 10_000 }, (_, index) => `- { name: m${index}, type: no.such.type }\n`);
    const yaml = `modules:\n${lines.join("")}`;
    await using server = await serve("");
    const { errors } = await server.engine.check(loadConfigText(yaml, "f.yaml", "/nowhere"));
    expect(errors).toHaveLength(10_000);
  },
  limitMs,
);

test(
  "whatever the bytes are, the program says so in one line and ends with 1",
  async () => {
    const files = {
      "latin.yaml": Buffer.from("modules: [] # caf\xe9\n", "latin1"),
      "wide.yaml": Buffer.from("\ufeffmodules: []\n", "utf16le"),
      "binary.yaml": Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * 7919) % 256)),
    };
    const expected: readonly (readonly [string, string])[] = [
      ["latin.yaml", "yaml: bytes that are not UTF-8 [latin.yaml:1:1] (save the file as UTF-8)\n"],
      ["wide.yaml", "yaml: UTF-16 text [wide.yaml:1:1] (save the file as UTF-8)\n"],
      ["binary.yaml", "yaml: bytes that are not UTF-8 [binary.yaml:1:1] (save the file as UTF-8)\n"],
      ["/dev/zero", "/dev/zero is larger than 5 MiB [/dev/zero:1:1]\n"],
    ];
    for (const [file, end] of expected) {
      const { code, stderr } = await runProcess(["-config", file], { files });
      expect(code).toBe(1);
      expect(stderr).toStartWith("Configuration error: failed to load configuration: ");
      expect(stderr).toEndWith(end);
      expect(stderr.match(/\n/g)).toHaveLength(1);
    }
  },
  limitMs,
);

test(
  "random text never does more than fail cleanly",
  () => {
    let state = 42;
    const next = (below: number) => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) % below;
    const pieces = [
      "modules:",
      "\n",
      "  ",
      "- ",
      "name: ",
      "a",
      "*a",
      "&a ",
      "{",
      "}",
      "[",
      "]",
      ",",
      '"',
      "'",
      "|",
      ">",
      "<<: ",
      "? ",
      "!!str ",
      "#",
      "---\n",
      "0x",
      "~",
      "é",
      "\t",
    ];
    for (let round = 0; round < 3000; round++) {
      const text = Array.from({ length: 1 + next(40) }, () => pieces[next(pieces.length)]).join("");
      try {
        loadConfigText(text, "f.yaml", "/nowhere");
      } catch (error) {
        expect([text, asWorkflowError(error).code]).not.toEqual([text, "internal.unexpected"]);
      }
    }
  },
  limitMs,
);
