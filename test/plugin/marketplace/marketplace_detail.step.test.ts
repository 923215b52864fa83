import { expect, test } from "bun:test";
import { serve } from "../../harness/server.ts";
import { routes } from "./fixture.ts";

test("gives the entry of one plugin", async () => {
  await using server = await serve(routes);
  expect(await (await server.post("/detail", { name: "ai-openai" })).json()).toEqual({
    plugin: {
      name: "ai-openai",
      version: "0.5.0",
      description: "Completions by models of OpenAI.",
      author: "workflow",
      category: "ai",
      tags: ["ai", "openai", "llm"],
      downloads: 0,
      rating: 0,
      installed: false,
    },
  });
});

test("a plugin that is not in the catalogue is a 404", async () => {
  await using server = await serve(routes);
  const answer = await server.post("/detail", { name: "x" });
  expect(answer.status).toBe(404);
  expect(await answer.json()).toEqual({
    error: expect.stringContaining(`marketplace_detail step "act": plugin "x" not found in catalog`),
  });
});
