import { expect, test } from "bun:test";
import { serve, withServer } from "../../harness/server.ts";

const withHandler = (settings: string) =>
  withServer(`
  - { name: hello, type: http.handler, config: ${settings} }
workflows:
  http:
    routes:
      - { method: GET, path: /x, handler: hello }
      - { method: POST, path: /x, handler: hello }
`);

test("every request gets the same JSON object, with the handler's name", async () => {
  await using server = await serve(withHandler("{}"));
  for (const answer of [await server.get("/x?a=1"), await server.post("/x", { b: 2 })]) {
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe("application/json");
    expect(await answer.text()).toBe('{"handler":"hello","message":"Default handler response","status":"success"}\n');
  }
});

test.each([
  ["{ contentType: application/vnd.hello+json }", "application/vnd.hello+json"],
  ['{ contentType: "" }', "application/json"],
])("with the settings %s the content type is %s", async (settings, type) => {
  await using server = await serve(withHandler(settings));
  expect((await server.get("/x")).headers.get("content-type")).toBe(type);
});
