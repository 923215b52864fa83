import { expect, test } from "bun:test";
import { serve } from "../../harness/server.ts";
import { withMiddleware } from "./middleware_route.ts";

const type = "http.middleware.securityheaders";
const names = [
  "x-content-type-options",
  "x-frame-options",
  "content-security-policy",
  "referrer-policy",
  "permissions-policy",
  "strict-transport-security",
];
const defaults = {
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "content-security-policy":
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'",
  "referrer-policy": "strict-origin-when-cross-origin",
  "permissions-policy": "camera=(), microphone=(), geolocation=()",
  "strict-transport-security": "max-age=31536000; includeSubDomains",
};

const shown = ({ headers }: Response) =>
  Object.fromEntries(names.filter((name) => headers.has(name)).map((name) => [name, headers.get(name)]));

test("every answer has the headers, also one to a failure", async () => {
  await using server = await serve(withMiddleware(type));
  expect(shown(await server.get("/x"))).toEqual(defaults);
  const failure = await server.post("/x", {});
  expect(failure.status).toBe(500);
  expect(shown(failure)).toEqual(defaults);
});

test.each([
  ['{ contentSecurityPolicy: "default-src *" }', { "content-security-policy": "default-src *" }],
  ["{ frameOptions: SAMEORIGIN }", { "x-frame-options": "SAMEORIGIN" }],
  ["{ contentTypeOptions: other }", { "x-content-type-options": "other" }],
  ["{ hstsMaxAge: 60 }", { "strict-transport-security": "max-age=60; includeSubDomains" }],
  ["{ referrerPolicy: no-referrer }", { "referrer-policy": "no-referrer" }],
  ['{ permissionsPolicy: "camera=()" }', { "permissions-policy": "camera=()" }],
  ['{ contentSecurityPolicy: "", frameOptions: "", contentTypeOptions: "" }', {}],
  ['{ hstsMaxAge: 0, referrerPolicy: "", permissionsPolicy: "" }', {}],
])("the settings %s change exactly %j", async (settings, changes) => {
  await using server = await serve(withMiddleware(type, settings));
  expect(shown(await server.get("/x"))).toEqual({ ...defaults, ...changes });
});

test("a negative hstsMaxAge leaves Strict-Transport-Security away", async () => {
  await using server = await serve(withMiddleware(type, "{ hstsMaxAge: -1 }"));
  expect((await server.get("/x")).headers.has("strict-transport-security")).toBe(false);
});

test("a header that the handler set stays", async () => {
  const pipeline = `
  own:
    trigger: { type: http, config: { method: GET, path: /own, middlewares: [around] } }
    steps:
      - name: answer
        type: step.json_response
        config: { body: {}, headers: { X-Frame-Options: SAMEORIGIN } }
`;
  await using server = await serve(withMiddleware(type) + pipeline);
  const answer = await server.get("/own");
  expect(answer.headers.get("x-frame-options")).toBe("SAMEORIGIN");
  expect(answer.headers.get("referrer-policy")).toBe("strict-origin-when-cross-origin");
});
