import { expect, test } from "bun:test";
import { parse } from "yaml";
import { check, serve } from "../../harness/server.ts";

const config = (settings = "{}") => `modules:
  - { name: s1, type: http.server, config: { address: "127.0.0.1:0" } }
  - { name: r1, type: http.router, dependsOn: [s1] }
  - { name: s2, type: http.server, config: { address: "localhost:0" } }
  - { name: r2, type: http.router, dependsOn: [s2] }
  - { name: canned, type: http.handler }
  - { name: docs, type: openapi.generator, config: ${settings} }
workflows:
  http:
    router: r1
    routes:
      - { method: GET, path: "/api/users/{id}", handler: canned }
      - { method: POST, path: "/api/users/:id/notes", handler: canned }
      - { method: GET, path: /documents/all, handler: docs }
      - { method: GET, path: /documents/all.yaml, handler: docs }
  http-second:
    router: r2
    routes: [{ method: DELETE, path: "/files/{path...}", handler: canned }]
pipelines:
  p: { trigger: { type: http, config: { method: GET, path: /p } }, steps: [] }
`;

test("the document describes the routes of every section, and no others", async () => {
  await using server = await serve(config());
  const answer = await server.get("/api/openapi.json");
  expect(answer.headers.get("content-type")).toBe("application/json");
  const text = await answer.text();
  expect(text).toStartWith('{\n  "openapi": "3.0.3",\n');
  const parameter = (name: string) => ({ name, in: "path", required: true, schema: { type: "string" } });
  const responses = { "200": { description: "Success" } };
  expect(JSON.parse(text)).toEqual({
    openapi: "3.0.3",
    info: { title: "Workflow API", version: "1.0.0" },
    paths: {
      "/api/users/{id}": { get: { operationId: "getApiUsersBy_id", parameters: [parameter("id")], responses } },
      "/api/users/{id}/notes": {
        post: {
          operationId: "postApiUsersBy_idNotes",
          parameters: [parameter("id")],
          requestBody: { content: { "application/json": { schema: { type: "object" } } } },
          responses,
        },
      },
      "/documents/all": { get: { operationId: "getDocumentsAll", responses } },
      "/documents/all.yaml": { get: { operationId: "getDocumentsAllYaml", responses } },
      "/files/{path}": { delete: { operationId: "deleteFilesBy_path", parameters: [parameter("path")], responses } },
    },
  });
});

test("the same document is served as YAML, and by routes that name the module", async () => {
  await using server = await serve(config());
  const yaml = await server.get("/api/openapi.yaml");
  expect(yaml.headers.get("content-type")).toBe("application/x-yaml");
  const document = await (await server.get("/api/openapi.json")).json();
  expect(parse(await yaml.text())).toEqual(document);
  expect(await (await server.get("/documents/all")).json()).toEqual(document);
  expect(parse(await (await server.get("/documents/all.yaml")).text())).toEqual(document);
});

test("the general part comes from the settings", async () => {
  const servers = `["https://a.example", { url: "https://b.example", description: B }]`;
  await using server = await serve(config(`{ title: T, version: 2.1.0, description: D, servers: ${servers} }`));
  expect(await (await server.get("/api/openapi.json")).json()).toMatchObject({
    info: { title: "T", version: "2.1.0", description: "D" },
    servers: [{ url: "https://a.example" }, { url: "https://b.example", description: "B" }],
  });
});

test("a generator without a router serves nothing and is no error", async () => {
  expect((await check("modules: [{ name: docs, type: openapi.generator }]")).errors).toEqual([]);
});
