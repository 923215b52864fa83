import { expect, test } from "bun:test";
import { serve, withServer } from "../../harness/server.ts";

test("removes the entry; one that is not there is no error", async () => {
  await using server = await serve(
    withServer(`
  - { name: cache, type: cache.modular }
pipelines:
  p:
    trigger: { type: http, config: { method: POST, path: /p } }
    steps:
      - { name: set, type: step.cache_set, config: { cache: cache, key: k-1, value: x } }
      - { name: delete, type: step.cache_delete, config: { cache: cache, key: "k-{{ .body.id }}" } }
      - { name: get, type: step.cache_get, config: { cache: cache, key: k-1 } }
      - name: answer
        type: step.json_response
        config: { body: { hit: "{{ .steps.get.cache_hit }}", deleted: "{{ .steps.delete.deleted }}" } }
`),
  );
  expect(await (await server.post("/p", { id: 1 })).json()).toEqual({ hit: "false", deleted: "true" });
  expect(await (await server.post("/p", { id: 2 })).json()).toEqual({ hit: "true", deleted: "true" });
});
