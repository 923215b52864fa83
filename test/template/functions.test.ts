import { expect, test } from "bun:test";
import { defineFunction } from "../../src/template/define_function.ts";
import { WorkflowError } from "../../src/error/error.ts";
import { templateFunctions } from "../../src/template/functions.ts";
import { errorOf, render } from "./fixture.ts";

test("a template has exactly these functions", () => {
  expect(templateFunctions.map(({ name }) => name).sort()).toEqual([
    "and",
    "call",
    "config",
    "default",
    "eq",
    "ge",
    "gt",
    "html",
    "index",
    "js",
    "json",
    "le",
    "len",
    "lower",
    "lt",
    "ne",
    "not",
    "now",
    "or",
    "print",
    "printf",
    "println",
    "slice",
    "step",
    "trigger",
    "trimPrefix",
    "trimSuffix",
    "urlquery",
    "uuid",
    "uuidv4",
  ]);
});

test.each([
  "upper",
  "title",
  "trim",
  "trimSpace",
  "replace",
  "split",
  "join",
  "contains",
  "add",
  "sub",
  "mul",
  "div",
  "toJson",
  "quote",
  "urlEncode",
  "env",
  "secret",
  "constructor",
  "__proto__",
  "toString",
])("%s is not a function", (name) => {
  expect(errorOf(`{{ ${name} "x" }}`)).toBe(`template parse error: template: :1: function "${name}" not defined`);
});

test("functions and parameters are described in sentences", () => {
  for (const { summary, parameters } of templateFunctions) {
    for (const text of [summary, ...parameters.map(({ description }) => description)])
      expect(text).toMatch(/^[A-Z].*[.]$/);
  }
});

const double = defineFunction({
  name: "double",
  summary: "Twice the number.",
  parameters: [{ name: "number", type: "number", description: "The number." }],
  call: ([number]) => Number(number) * 2,
});

test("a caller's function is checked like the others", () => {
  const options = { functions: { double } };
  expect(render("{{ double 4 }} {{ .n | double }}", { n: 1.5 }, options)).toBe("8 3");
  expect(() => render('{{ double "4" }}', {}, options)).toThrow("wrong type for value; expected float64; found string");
  expect(() => render("{{ double }}", {}, options)).toThrow("wrong number of args for double: want 1 got 0");
});

test("an error of another kind keeps its code under the template's words", () => {
  const ask = defineFunction({
    ...double,
    call: () => {
      throw new WorkflowError("secret.unavailable", "vault is sealed");
    },
  });
  expect(() => render("{{ double 1 }}", {}, { functions: { double: ask } })).toThrow(
    expect.objectContaining({
      code: "secret.unavailable",
      message: 'template exec error: template: :1:4: executing "" at <double 1>: error calling double: vault is sealed',
    }),
  );
});
