import { expect, test } from "bun:test";
import { analyze } from "../../../../src/plugin/pipeline/scaffold/ui_analysis.ts";

const options = { title: undefined, theme: "auto", auth: undefined } as const;

function analysisOf(paths: Record<string, unknown>, rest: Record<string, unknown> = {}) {
  return analyze({ openapi: "3.1.0", paths, ...rest }, options);
}

const list = { responses: { "200": { content: { "application/json": { schema: { type: "array" } } } } } };

test.each([
  ["POST /auth/login", true, "/auth/login", ""],
  ["POST /user-login", true, "/user-login", ""],
  ["POST /sign-in", true, "/sign-in", ""],
  ["POST /oauth/token", true, "/oauth/token", ""],
  ["POST /sessions", true, "/sessions", ""],
  ["POST /auth", true, "/auth", ""],
  ["POST /signup", true, "/auth/login", "/signup"],
  ["POST /users/register", true, "/auth/login", "/users/register"],
  ["POST /auth/logout", true, "/auth/login", ""],
  ["POST /authors", false, "", ""],
  ["POST /obsession", false, "", ""],
  ["GET /login", false, "", ""],
])("%s: sign-in %p, at %p, sign-up at %p", (call, hasAuth, loginPath, registerPath) => {
  const [method = "", path = ""] = call.toLowerCase().split(" ");
  expect(analysisOf({ [path]: { [method]: {} } })).toMatchObject({ hasAuth, loginPath, registerPath });
});

test.each([
  ["a list", { "/users": { get: list } }, [["User", "user", "Users"]]],
  ["a collection with items", { "/users": { get: {} }, "/users/{id}": { get: {} } }, [["User", "user", "Users"]]],
  ["a collection to add to and read", { "/a/box": { get: {}, post: {} } }, [["Box", "box", "Box"]]],
  ["a path below a version", { "/api/v1/news-entries": { get: list } }, [["NewsEntry", "newsEntry", "NewsEntries"]]],
  [
    "two of one name",
    { "/a/users": { get: list }, "/b/users": { get: list } },
    [
      ["User", "user", "Users"],
      ["BUser", "bUser", "BUsers"],
    ],
  ],
  [
    "the name of a page of ours",
    { "/login": { get: list }, "/x/dashboard": { get: list } },
    [["XDashboard", "xDashboard", "XDashboard"]],
  ],
  [
    "a name without letters",
    { "/日本": { get: list }, "/12": { get: list } },
    [
      ["Resource", "resource", "Resource"],
      ["Resource12", "resource12", "Resource12"],
    ],
  ],
  ["a lone value", { "/health": { get: {} } }, []],
  ["a lone command", { "/feedback": { post: {} } }, []],
  ["a collection inside an item", { "/users/{id}/orders": { get: list } }, []],
  ["signing in", { "/sessions": { get: list, post: {} } }, []],
])("resources of %s", (_what, paths, names) => {
  const { resources } = analysisOf(paths);
  expect(resources.map(({ name, nameLower, namePlural }) => [name, nameLower, namePlural])).toEqual(names);
});

test("fields come from the schema, with references and parts merged", () => {
  const properties = {
    id: { type: "string" },
    created: { type: "string", readOnly: true },
    firstName: { type: "string" },
    email: { type: "string" },
    secret: { type: "string", format: "password" },
    site: { type: "string", format: "uri" },
    born: { type: "string", format: "date" },
    seen: { type: "string", format: "date-time" },
    age: { type: ["integer", "null"] },
    level: { type: "integer", enum: [1, 2] },
    isOpen: { type: "boolean" },
    tags: { type: "array" },
    state: { $ref: "#/components/schemas/State" },
    description: { type: "string" },
    long: { type: "string", maxLength: 256 },
  };
  const schema = { allOf: [{ $ref: "#/components/schemas/Part" }, { required: ["email"] }] };
  const paths = { "/users": { get: list, post: { requestBody: { content: { "application/json": { schema } } } } } };
  const schemas = { Part: { properties }, State: { type: "string", enum: ["new", "old"] } };
  const { resources } = analysisOf(paths, { components: { schemas } });
  const fields = resources[0]?.formFields ?? [];
  expect(fields.map(({ name, type }) => `${name}: ${type}`)).toEqual([
    "firstName: text",
    "email: email",
    "secret: password",
    "site: url",
    "born: date",
    "seen: datetime-local",
    "age: number",
    "level: number",
    "isOpen: checkbox",
    "tags: json",
    "state: select",
    "description: textarea",
    "long: textarea",
  ]);
  expect(fields.filter(({ required }) => required).map(({ name }) => name)).toEqual(["email"]);
  expect(fields.find(({ name }) => name === "state")).toMatchObject({ label: "State", options: ["new", "old"] });
  expect(fields[0]?.label).toBe("First Name");
});

test.each([
  ["#/components/schemas/A"],
  ["#/components/schemas/None"],
  ["https://example.com/other.json"],
  ["#/__proto__/toString"],
  ["#/components/schemas/%zz"],
])("a reference that leads nowhere, as %s, gives no fields", ($ref) => {
  const paths = {
    "/a": { get: list, post: { requestBody: { content: { "application/json": { schema: { $ref } } } } } },
  };
  const schemas = { A: { $ref: "#/components/schemas/B" }, B: { $ref: "#/components/schemas/A" } };
  expect(analysisOf(paths, { components: { schemas } }).resources[0]?.formFields).toEqual([]);
});

test("a schema that contains itself ends", () => {
  const schemas = { A: { allOf: [{ $ref: "#/components/schemas/A" }], properties: { x: {} } } };
  const body = { content: { "application/json": { schema: { $ref: "#/components/schemas/A" } } } };
  const { resources } = analysisOf({ "/a": { get: list, post: { requestBody: body } } }, { components: { schemas } });
  expect(resources[0]?.formFields.map(({ name }) => name)).toEqual(["x"]);
});

test.each([
  ["https://x.example/api/v1/", "/api/v1"],
  ["/api", "/api"],
  ["https://x.example", ""],
  ["https://{region}.example/api", ""],
  ["http://[", ""],
])("the server %s puts %p before each path", (url, apiPath) => {
  expect(analysisOf({}, { servers: [{ url }] }).apiPath).toBe(apiPath);
});

test("a schema that names itself many times is read once", () => {
  const again = Array.from({ length: 100 }, () => ({ $ref: "#/components/schemas/A" }));
  const schemas = { A: { allOf: again, properties: { x: {} } } };
  const body = { content: { "application/json": { schema: { $ref: "#/components/schemas/A" } } } };
  const { resources } = analysisOf({ "/a": { get: list, post: { requestBody: body } } }, { components: { schemas } });
  expect(resources[0]?.formFields.length).toBe(1);
});

test("what references could repeat without end is bounded", () => {
  const long = "x".repeat(1000);
  const many = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`p${index}`, {}]));
  const options = [long, ...Array.from({ length: 300 }, (_, index) => `o${index}`)];
  const schema = { properties: { [long]: {}, choice: { enum: options }, ...many } };
  const requestBody = { content: { "application/json": { schema } } };
  const { resources, operations } = analysisOf({ "/a": { get: list, post: { operationId: long, requestBody } } });
  expect(resources[0]?.formFields.length).toBe(100);
  expect(resources[0]?.formFields[0]).toMatchObject({ name: "choice" });
  expect(resources[0]?.formFields[0]?.options.length).toBe(100);
  expect(operations[1]?.funcName.length).toBe(100);
  const paths = Object.fromEntries(Array.from({ length: 201 }, (_, index) => [`/r${index}`, { get: list }]));
  expect(() => analysisOf(paths)).toThrow("the spec has more than 200 resources");
});
