import { messageOf } from "../../src/error/error.ts";
import { compileTemplate, type TemplateOptions } from "../../src/template/template.ts";
import type { TemplateScope } from "../../src/template/template_scope.ts";

/** What the example run was started with. */
export const triggerData: Readonly<Record<string, unknown>> = {
  name: "Alice",
  email: "A@B.Co",
  n: 3,
  big: 1000000,
  huge: 123456789,
  price: 19.5,
  tiny: 0.00001,
  neg: -2.5,
  ok: true,
  off: false,
  empty: "",
  zero: 0,
  nul: null,
  tags: ["a", "b"],
  mixed: [1, "x", null, true],
  obj: { x: { y: "deep" }, a: 1 },
  elist: [],
  emap: {},
  html: "<b>&'\"",
  "my-key": "hy",
  phone: "+1555",
  path_params: { id: "99" },
  items: [
    { id: 1, q: 2 },
    { id: 2, q: 5 },
  ],
  method: "POST",
};

const steps = {
  validate: { result: "passed" },
  "parse-request": { path_params: { id: "42" }, body: { email: "A@B.Co", nick: null } },
  "count-it": { count: 7 },
};

/** A run of the pipeline `orders` after three steps, whose outputs were merged into the current values. */
export const exampleScope: TemplateScope = {
  current: { ...triggerData, ...steps.validate, ...steps["parse-request"], ...steps["count-it"] },
  steps,
  trigger: triggerData,
  meta: { pipeline: "orders" },
};

/** A run that has nothing but top-level values. */
export function scopeOf(current: Readonly<Record<string, unknown>>): TemplateScope {
  return { current, steps: {}, trigger: {}, meta: {} };
}

/** Renders a template with nothing but top-level values. */
export function render(
  text: string,
  current: Readonly<Record<string, unknown>> = {},
  options: TemplateOptions = {},
): string {
  return compileTemplate(text, options).render(scopeOf(current));
}

/** The message of the error that a template's rendering ends with. */
export function errorOf(text: string, current: Readonly<Record<string, unknown>> = {}): string {
  try {
    return `no error, but: ${render(text, current)}`;
  } catch (thrown) {
    return messageOf(thrown);
  }
}
