import { expect, test } from "bun:test";
import { check, serve, withServer } from "../../harness/server.ts";

const pipeline = (transformer: string) => `
pipelines:
  p:
    trigger: { type: http, config: { method: POST, path: /p } }
    steps:
      - { name: change, type: step.transform, config: { transformer: ${transformer}, pipeline: pick } }
      - { name: answer, type: step.json_response, config: { body_from: steps.change.data } }`;

const picker = (name: string, path: string) => `
  - name: ${name}
    type: data.transformer
    config: { pipelines: { pick: [{ type: extract, config: { path: ${path} } }] } }`;

test("a transformer is found under its own name and under data.transformer, the first one there", async () => {
  await using own = await serve(withServer(picker("one", "body.a") + picker("two", "body.b") + pipeline("two")));
  expect(await (await own.post("/p", { a: 1, b: 2 })).json()).toBe(2);
  const fixed = pipeline("data.transformer");
  await using first = await serve(withServer(picker("one", "body.a") + picker("two", "body.b") + fixed));
  expect(await (await first.post("/p", { a: 1, b: 2 })).json()).toBe(1);
});

test("a list with an operation that cannot work is refused with its name", async () => {
  const yaml = `modules:
  - name: shapes
    type: data.transformer
    config: { pipelines: { fine: [], broken: [{ type: extract }] } }`;
  expect((await check(yaml)).errors).toEqual([
    `2:5: failed to initialize modules: module "shapes": pipeline 'broken': ` +
      "operation 0 (extract) failed: 'path' is required",
  ]);
});

test("a transformer may have no lists", async () => {
  expect((await check("modules: [{ name: shapes, type: data.transformer }]")).errors).toEqual([]);
});
