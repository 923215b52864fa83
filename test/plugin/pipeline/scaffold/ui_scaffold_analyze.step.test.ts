import { expect, test } from "bun:test";
import { ownValue } from "../../../../src/json/map.ts";
import { check, serve } from "../../../harness/server.ts";
import { runOffline, scaffoldServer, shop } from "./fixture.ts";

const type = "step.ui_scaffold_analyze";
const operation = (FuncName: string, Method: string, Path: string, HasBody: boolean, ...PathParams: string[]) => ({
  FuncName,
  Method,
  Path,
  HasBody,
  PathParams,
});
const list = operation("listItems", "GET", "/order-items", false);
const create = operation("createItem", "POST", "/order-items", true);
const detail = operation("getOrderItemsByItemId", "GET", "/order-items/{itemId}", false, "itemId");
const change = operation("changeItem", "PATCH", "/order-items/{itemId}", true, "itemId");
const remove = operation("removeItem", "DELETE", "/order-items/{itemId}", false, "itemId");
const login = operation("login", "POST", "/auth/login", false);

const analysis = {
  Title: "Shop",
  Version: "2.1",
  Theme: "auto",
  HasAuth: true,
  LoginPath: "/auth/login",
  RegisterPath: "",
  LoginOp: login,
  RegisterOp: null,
  Operations: [login, list, create, detail, change, remove],
  Resources: [
    {
      Name: "OrderItem",
      NameLower: "orderItem",
      NamePlural: "OrderItems",
      ListOp: list,
      DetailOp: detail,
      CreateOp: create,
      UpdateOp: change,
      DeleteOp: remove,
      FormFields: [
        { Name: "name", Label: "Name", Type: "text", Required: true, Options: [] },
        { Name: "state", Label: "State", Type: "select", Required: false, Options: ["new", "sold"] },
      ],
    },
  ],
};

test("answers with what the document says, and ends the run", async () => {
  await using server = await serve(scaffoldServer(type));
  const answer = await server.post("/p", shop, { "content-type": "application/yaml" });
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toBe("application/json");
  expect(await answer.json()).toEqual(analysis);
});

test("JSON is read as well", async () => {
  await using server = await serve(scaffoldServer(type));
  const paths = { "/a": { get: { operationId: "a-list" } } };
  const answer = await server.post("/p", { openapi: "3.0.3", info: { title: "J" }, paths });
  expect(await answer.json()).toMatchObject({ Title: "J", Operations: [{ FuncName: "aList" }], Resources: [] });
});

test.each([
  ["{}", { Title: "Shop", Theme: "auto" }],
  ["{ title: Mine }", { Title: "Mine", Theme: "auto" }],
  ["{ theme: dark }", { Title: "Shop", Theme: "dark" }],
])("with %s it says so", async (config, facts) => {
  await using server = await serve(scaffoldServer(type, config));
  expect(await (await server.post("/p", shop)).json()).toMatchObject(facts);
});

test("a document without a title is that of My App", async () => {
  await using server = await serve(scaffoldServer(type));
  expect(await (await server.post("/p", "openapi: 3.0")).json()).toEqual({
    Title: "My App",
    Version: "",
    Theme: "auto",
    HasAuth: false,
    LoginPath: "",
    RegisterPath: "",
    LoginOp: null,
    RegisterOp: null,
    Operations: [],
    Resources: [],
  });
});

test("without a body the value `spec` of a step before is read", async () => {
  const before = `      - name: given
        type: step.set
        config: { values: { spec: "openapi: 3.1.0\\ninfo: { title: Given }" } }
`;
  await using server = await serve(scaffoldServer(type, "{}", before));
  expect(await (await server.post("/p")).json()).toMatchObject({ Title: "Given" });
  expect(await (await server.post("/p", shop)).json()).toMatchObject({ Title: "Shop" });
});

test.each([
  ["", "no OpenAPI spec provided in request body"],
  ["  ", "no OpenAPI spec provided in request body"],
  ["{", "parsing spec: invalid JSON at line 1, column 2: "],
  ["a: [", "parsing spec: "],
  ["[]", "the OpenAPI spec is not a map"],
  ["a: 1", "not an OpenAPI 3 document: 'openapi' must say its version, such as 3.1.0"],
  ["openapi: 4.0.0", "not an OpenAPI 3 document: "],
  ["swagger: '2.0'", "Swagger 2 documents are not read; convert it to OpenAPI 3"],
])("a request with %p is answered 400", async (body, text) => {
  await using server = await serve(scaffoldServer(type));
  const answer = await server.post("/p", body);
  expect(answer.status).toBe(400);
  expect(answer.headers.get("content-type")).toBe("application/json");
  expect(await answer.json()).toEqual({ error: expect.stringMatching(new RegExp(`^${RegExp.escape(text)}`)) });
});

test("more than a megabyte of YAML is refused, of JSON it is not", async () => {
  await using server = await serve(scaffoldServer(type));
  const filler = "x".repeat(1024 * 1024);
  const yaml = await server.post("/p", `openapi: 3.1.0\nx-filler: ${filler}`);
  expect(yaml.status).toBe(413);
  expect(await yaml.json()).toEqual({
    error: "the OpenAPI spec is longer than 1048576 characters; send it as JSON",
  });
  expect((await server.post("/p", { openapi: "3.1.0", "x-filler": filler })).status).toBe(200);
});

test("more than 1,000 operations are refused", async () => {
  await using server = await serve(scaffoldServer(type));
  const document = (count: number) => ({
    openapi: "3.1.0",
    paths: Object.fromEntries(Array.from({ length: count }, (_, index) => [`/p${index}`, { get: {} }])),
  });
  expect((await server.post("/p", document(1000))).status).toBe(200);
  const answer = await server.post("/p", document(1001));
  expect(answer.status).toBe(400);
  expect(await answer.json()).toEqual({ error: "the spec has more than 1000 operations" });
});

test("a run without a request goes on, with the analysis as output", async () => {
  await using server = await serve(scaffoldServer(type));
  expect(await runOffline(server, { body: shop })).toMatchObject({ Title: "Shop", status: 418 });
  expect(ownValue(await runOffline(server, { spec: shop }), "Resources")).toEqual(analysis.Resources);
  await expect(runOffline(server, {})).rejects.toThrow(
    `ui_scaffold_analyze step "act": no OpenAPI spec provided in request body`,
  );
});

test("a theme that does not exist is a warning", async () => {
  const { errors, warnings } = await check(scaffoldServer(type, "{ theme: pink }"));
  expect(errors).toEqual([]);
  expect(warnings).toEqual([expect.stringContaining(`must be one of auto, light, dark, got "pink"`)]);
});
