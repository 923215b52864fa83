import { describe, expect, test } from "bun:test";
import { check, serve, type TestServer } from "../../harness/server.ts";
import { petFiles, pets, petstore } from "./petstore.ts";

const errorsOf = async (answer: Response): Promise<unknown> => Object(await answer.json()).errors;
const start = (config?: string): Promise<TestServer> => serve(pets(config), petFiles);

describe("parameters", () => {
  test.each([
    ["", `required parameter "limit" (in query) is missing`],
    ["limit=x", `parameter "limit" must be an integer, got "x"`],
    ["limit=1.5", `parameter "limit" must be an integer, got "1.5"`],
    ["limit=0", `parameter "limit" must be >= 1`],
    ["limit=101", `parameter "limit" must be <= 100`],
    ["limit=1&weight=x", `parameter "weight" must be a number, got "x"`],
    ["limit=1&weight=0", `parameter "weight" must be > 0`],
    ["limit=1&sold=yes", `parameter "sold" must be 'true' or 'false', got "yes"`],
    ["limit=1&kind=bird", `parameter "kind" must be one of [cat dog]`],
    ["limit=1&name=a", `parameter "name" must have minLength 2`],
    ["limit=1&name=abcde", `parameter "name" must have maxLength 4`],
    ["limit=1&name=A1", `parameter "name" does not match pattern "^[a-z]+$"`],
    ["limit=1&ids=1&ids=x", `parameter "ids" must be an integer, got "x"`],
    ["limit=1&ids=1&ids=2&ids=3", `parameter "ids" must have maxItems 2`],
    ["limit=1&tags=a,c", `parameter "tags" must be one of [a b]`],
  ])("?%s is refused: %s", async (query, message) => {
    await using server = await start();
    const answer = await server.get(`/pets?${query}`);
    expect([answer.status, await answer.json()]).toEqual([
      400,
      { error: "request validation failed", errors: [message] },
    ]);
  });

  test.each([
    ["x-trace", "1", `parameter "X-Trace" does not match format "uuid"`],
    ["cookie", "a=1; session=x", `parameter "session" must be an integer, got "x"`],
  ])("the header %s: %s is refused: %s", async (name, value, message) => {
    await using server = await start();
    expect(await errorsOf(await server.get("/pets?limit=1", { [name]: value }))).toEqual([message]);
  });

  test("everything that is wrong is listed, and what is right is let through", async () => {
    await using server = await start();
    expect(await errorsOf(await server.get("/pets?sold=1&kind=x"))).toHaveLength(3);
    const headers = { "x-trace": "9b2e8b6e-7a37-4c54-9a4e-0d1d0f6b1a11", cookie: "session=7" };
    const answer = await server.get("/pets?limit=10&weight=1e2&sold=true&ids=1&ids=-2&tags=a,b&name=abc", headers);
    expect(answer.status).toBe(501);
  });

  test("a parameter of the path is checked, and reaches the pipeline through the route", async () => {
    await using server = await start();
    expect(await errorsOf(await server.get("/pets/x"))).toEqual([`parameter "pet-id" must be an integer, got "x"`]);
    const answer = await server.get("/pets/7");
    expect([answer.status, await answer.json()]).toEqual([203, { pet_id: "7" }]);
  });
});

describe("bodies", () => {
  test.each([
    ["{}", [`request body: required field "name" is missing`]],
    ['{"name":1}', ['field "name" must be a string, got number']],
    ['{"name":{}}', ['field "name" must be a string, got object']],
    ['{"name":""}', ['field "name" must have minLength 1']],
    ['{"name":"a","age":1.5}', ['field "age" must be an integer, got number']],
    ['{"name":"a","age":30}', ['field "age" must be < 30']],
    ['{"name":"a","born":"x"}', ['field "born" does not match format "date"']],
    [
      '{"name":"a","parents":[{"name":"b"},{"parents":[{"name":null}]}]}',
      [
        'request body: required field "parents[1].name" is missing',
        'field "parents[1].parents[0].name" must be a string, got null',
      ],
    ],
    [
      '{"name":"a","owner":{"mail":1}}',
      ['request body: required field "owner.email" is missing', 'field "owner.mail" is not allowed'],
    ],
    ["[1]", ["request body must be a JSON object"]],
    ["", ["request body is required but missing"]],
    ['{"name" 1}', ['request body contains invalid JSON: at line 1, column 9: expected ":" after the key']],
  ])("%s is refused", async (body, errors) => {
    await using server = await start();
    const answer = await server.post("/pets", body);
    expect([answer.status, await answer.json()]).toEqual([400, { error: "request validation failed", errors }]);
  });

  test("a sound body reaches the pipeline beside the query, which goes before it", async () => {
    await using server = await start();
    const answer = await server.post("/pets?name=q&name=r&n=1", { name: "b", age: null });
    expect([answer.status, await answer.json()]).toEqual([200, { name: "q", n: "1", age: null }]);
  });

  test("another content type is a 415 that names those of the document", async () => {
    await using server = await start();
    const answer = await server.post("/pets", "<a/>", { "content-type": "text/xml" });
    expect([answer.status, await errorsOf(answer)]).toEqual([
      415,
      [`unsupported Content-Type "text/xml"; spec defines: application/json`],
    ]);
  });

  test.each(["text/plain; charset=utf-8", "image/png"])("the content type %s is one of those listed", async (type) => {
    await using server = await start();
    expect((await server.post("/notes/", "x", { "content-type": type })).status).toBe(500);
  });

  test("a body that is too large is a 413", async () => {
    await using server = await start("{ spec_file: pets.yaml, max_body_bytes: 20 }");
    const answer = await server.post("/pets", { name: "a name that is long" });
    expect([answer.status, await errorsOf(answer)]).toEqual([
      413,
      ["request body exceeds maximum allowed size of 20 bytes"],
    ]);
  });

  test("of a large body only the first mistake is told", async () => {
    await using server = await start();
    const parents = Array.from({ length: 20_000 }, () => ({}));
    const errors = await errorsOf(await server.post("/pets", { name: "a", parents }));
    expect(errors).toEqual(['request body: required field "parents[0].name" is missing']);
  });
});

test("without validation every request is taken", async () => {
  await using server = await start("{ spec_file: pets.yaml, validation: { request: false } }");
  expect((await server.get("/pets")).status).toBe(501);
  expect(await (await server.post("/pets", { age: "x" })).json()).toEqual({ age: "x" });
});

describe("answers", () => {
  test("an operation without a pipeline is not implemented", async () => {
    await using server = await start();
    const answer = await server.get("/pets?limit=1");
    expect([answer.status, await answer.text()]).toEqual([
      501,
      '{"error":"not implemented","method":"GET","operationId":"listPets","path":"/pets"}\n',
    ]);
  });

  test("an operation whose pipeline is not defined is a 502, and a warning at start", async () => {
    await using server = await start();
    const answer = await server.fetch("/pets/7", { method: "DELETE" });
    expect([answer.status, await answer.text()]).toEqual([502, '{"error":"pipeline \\"nobody\\" not found"}\n']);
    const { level, attributes } = await server.logged("Operation names a pipeline that is not defined");
    expect([level, attributes.operation, attributes.pipeline]).toEqual(["warn", "removePet", "nobody"]);
  });

  test("a failed pipeline shows its reason in development only", async () => {
    await using server = await start();
    const hidden = await server.post("/notes/", "x", { "content-type": "text/plain" });
    expect([hidden.status, await hidden.json()]).toEqual([500, { error: "internal error", id: expect.any(String) }]);
    await using open = await serve(pets(), { ...petFiles, isDevelopment: true });
    const shown = await open.post("/notes/", "x", { "content-type": "text/plain" });
    expect(await shown.json()).toMatchObject({ error: expect.stringMatching(/^pipeline execution failed: step "s"/) });
  });

  test("a path with a slash at its end stands for itself", async () => {
    await using server = await start();
    expect((await server.post("/notes/deeper", "x")).status).toBe(404);
  });
});

describe("documents", () => {
  test("the document is served as JSON and as it was written", async () => {
    await using server = await start("{ spec_file: pets.yaml, base_path: /v1/ }");
    const json = await server.get("/v1/openapi.json");
    expect(json.headers.get("content-type")).toBe("application/json");
    expect(await json.json()).toMatchObject({
      openapi: "3.0.3",
      paths: { "/pets": { get: { operationId: "listPets" } } },
    });
    const yaml = await server.get("/v1/openapi.yaml");
    expect([yaml.headers.get("content-type"), await yaml.text()]).toEqual(["application/yaml", petstore]);
    expect((await server.get("/v1/pets?limit=1")).status).toBe(501);
    expect((await server.get("/pets?limit=1")).status).toBe(404);
  });

  test("a JSON document is not served as YAML", async () => {
    const files = { "pets.yaml": '{"openapi":"3.1.0","paths":{}}' };
    await using server = await serve(pets(), { files });
    expect((await server.get("/openapi.yaml")).status).toBe(404);
    expect((await server.logged("OpenAPI spec loaded")).attributes).toMatchObject({ operations: 0 });
  });

  test("Swagger UI is a page below the base path, from where the settings say", async () => {
    await using plain = await start();
    expect((await plain.get("/docs")).status).toBe(404);
    await using server = await start(
      "{ spec_file: pets.yaml, base_path: v1, " +
        "swagger_ui: { enabled: true, path: /ui/, assets_url: https://cdn.example/s/ } }",
    );
    const page = await server.get("/v1/ui");
    expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
    const html = await page.text();
    expect(html).toContain("<title>Pets &amp; &lt;more&gt;</title>");
    expect(html).toContain('<script src="https://cdn.example/s/swagger-ui-bundle.js">');
    expect(html).toContain('url: "/v1/openapi.json"');
  });

  test("Swagger UI is loaded from unpkg.com, or from where the environment says", async () => {
    const page = async () => {
      await using server = await start("{ spec_file: pets.yaml, swagger_ui: { enabled: true } }");
      return (await server.get("/docs")).text();
    };
    expect(await page()).toContain('href="https://unpkg.com/swagger-ui-dist@5/swagger-ui.css"');
    Bun.env.SWAGGER_UI_ASSETS_BASE_URL = "https://assets.example";
    try {
      expect(await page()).toContain('href="https://assets.example/swagger-ui.css"');
    } finally {
      delete Bun.env.SWAGGER_UI_ASSETS_BASE_URL;
    }
  });
});

describe("the router", () => {
  const two = (config: string) => `modules:
  - { name: s1, type: http.server, config: { address: "127.0.0.1:0" } }
  - { name: r1, type: http.router, dependsOn: [s1] }
  - { name: s2, type: http.server, config: { address: "localhost:0" } }
  - { name: r2, type: http.router, dependsOn: [s2] }
  - { name: pets, type: openapi, ${config} }`;

  test.each([
    ["config: { spec_file: pets.yaml }", 501],
    ["config: { spec_file: pets.yaml, router: r2 }", 404],
    ["config: { spec_file: pets.yaml }, dependsOn: [s2]", 404],
  ])("with %s the first server answers %i", async (config, status) => {
    await using server = await serve(two(config), petFiles);
    expect((await server.get("/pets?limit=1")).status).toBe(status);
  });

  test("a document without a router is a warning", async () => {
    await using server = await serve(
      "modules: [{ name: p, type: openapi, config: { spec_file: pets.yaml } }]",
      petFiles,
    );
    expect((await server.logged("No router for the routes of the OpenAPI spec")).level).toBe("warn");
  });

  test("routes of the configuration go before those of the document", async () => {
    const own = `${pets().replace("- name: pets", "- { name: canned, type: http.handler }\n  - name: pets")}
workflows: { http: { routes: [{ method: GET, path: /pets, handler: canned }] } }`;
    await using server = await serve(own, petFiles);
    expect(await (await server.get("/pets")).json()).toMatchObject({ handler: "canned" });
  });
});

describe("refusals", () => {
  test.each([
    ["swagger: '2.0'", "parsing spec: Swagger 2 documents are not read"],
    ["[1]", "parsing spec: the document is not a map"],
    ["a: [", "parsing spec: Flow sequence in block collection must be sufficiently indented and end with a ]"],
  ])("the document %s", async (text, reason) => {
    const { errors } = await check(pets(), { files: { "pets.yaml": text } });
    expect(errors).toEqual([
      expect.stringContaining(
        `failed to initialize modules: module "pets": openapi module "pets": pets.yaml: ${reason}`,
      ),
    ]);
    expect(errors[0]).toStartWith("11:26: ");
  });

  test.each([
    ["{}", `11:13: modules[2].config.spec_file: required config field "spec_file" is missing`],
    [
      "{ spec_file: none.yaml }",
      `11:26: modules[2].config.spec_file: config field "spec_file" file "none.yaml" cannot be read`,
    ],
  ])("the settings %s", async (config, message) => {
    const { errors } = await check(pets(config), petFiles);
    expect(errors).toEqual([expect.stringContaining(message)]);
  });

  test("a schema in another file is a warning, and is not checked", async () => {
    const text = petstore.replace(
      'schema: { $ref: "#/components/schemas/Pet" }',
      'schema: { $ref: "other.yaml#/Pet" }',
    );
    await using server = await serve(pets(), { files: { "pets.yaml": text } });
    expect((await server.logged("A schema in another file is not checked")).level).toBe("warn");
    expect((await server.post("/pets", {})).status).toBe(200);
  });

  test("a schema that cannot be compiled is a warning, and is not checked", async () => {
    const text = petstore.replace('schema: { $ref: "#/components/schemas/Pet" }', "schema: { type: objekt }");
    await using server = await serve(pets(), { files: { "pets.yaml": text } });
    expect((await server.logged("A schema cannot be used and is not checked")).level).toBe("warn");
    expect((await server.post("/pets", {})).status).toBe(200);
  });
});
