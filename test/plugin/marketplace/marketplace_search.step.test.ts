import { expect, test } from "bun:test";
import { isPlainMap } from "../../../src/json/map.ts";
import { serve } from "../../harness/server.ts";
import { oneStep } from "./fixture.ts";

const all = ["auth-oidc", "storage-s3", "messaging-kafka", "observability-otel", "cicd-github-actions", "ai-openai"];

test.each([
  ["{}", "", all],
  ["{ query: OPENID }", "OPENID", ["auth-oidc"]],
  ["{ query: kafka }", "kafka", ["messaging-kafka"]],
  ["{ category: storage }", "", ["storage-s3"]],
  ["{ tags: [github, llm] }", "", ["cicd-github-actions", "ai-openai"]],
  ["{ query: a, category: ai, tags: [llm] }", "a", ["ai-openai"]],
  [`{ query: "{{ .body.q }}" }`, "s3", ["storage-s3"]],
  ["{ query: nothing-like-it }", "nothing-like-it", []],
])("%s finds what matches", async (config, query, names) => {
  await using server = await serve(oneStep("step.marketplace_search", config));
  const found: unknown = await (await server.post("/p", { q: "s3" })).json();
  expect(found).toMatchObject({ count: names.length, query });
  const results = isPlainMap(found) && Array.isArray(found.results) ? found.results : [];
  expect(results.map((entry: unknown) => (isPlainMap(entry) ? entry.name : entry))).toEqual(names);
});

test("a result says everything that is known of a plugin", async () => {
  await using server = await serve(oneStep("step.marketplace_search", "{ query: oidc }"));
  expect(await (await server.post("/p", {})).json()).toEqual({
    count: 1,
    query: "oidc",
    results: [
      {
        name: "auth-oidc",
        version: "1.2.0",
        description: "Sign-in with an OpenID Connect provider.",
        author: "workflow",
        category: "auth",
        tags: ["auth", "oidc", "oauth2", "sso"],
        downloads: 0,
        rating: 0,
        installed: false,
      },
    ],
  });
});
