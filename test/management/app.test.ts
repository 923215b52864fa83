import { expect, test } from "bun:test";
import { serve, withServer } from "../harness/server.ts";

const status = "/api/v1/admin/engine/status";

test.each([
  ["GET", status, 200],
  ["HEAD", status, 200],
  ["GET", `${status}/`, 200],
  ["GET", "/api/workflow/status", 200],
  ["GET", "/healthz", 200],
  ["GET", "/readyz", 200],
  ["GET", "/livez", 200],
  ["GET", "/metrics", 200],
  ["GET", "/", 200],
  ["GET", "/api/v1/nothing", 404],
  ["POST", "/api/nothing", 404],
  ["GET", "/nothing", 404],
  ["DELETE", status, 405],
  ["GET", "/api/v1/admin/engine/reload", 405],
  ["OPTIONS", "/api/v1/admin/engine/reload", 405],
  ["TRACE", "/metrics", 405],
  ["PROPFIND", "/healthz", 405],
])("%s %s answers %i", async (method, path, expected) => {
  await using server = await serve(withServer(""));
  expect((await server.manage(path, { method })).status).toBe(expected);
});

test("an unknown path of the API is JSON, any other is text", async () => {
  await using server = await serve(withServer(""));
  const api = await server.manage("/api/v1/nothing");
  expect(api.headers.get("content-type")).toBe("application/json");
  expect(await api.text()).toBe('{"error":"not found"}\n');
  const page = await server.manage("/nothing");
  expect(page.headers.get("content-type")).toBe("text/plain; charset=utf-8");
  expect(await page.text()).toBe("404 page not found\n");
});

test.each([
  ["DELETE", status, "GET, HEAD"],
  ["PUT", "/api/v1/admin/engine/validate", "POST"],
])("%s %s is told which methods there are", async (method, path, allow) => {
  await using server = await serve(withServer(""));
  const answer = await server.manage(path, { method });
  expect(answer.headers.get("allow")).toBe(allow);
  expect(await answer.json()).toEqual({ error: "method not allowed" });
});

test("who may not pass is told so, and logged; probes and metrics are for everyone", async () => {
  await using server = await serve(withServer(""));
  const headers = { forwarded: "for=192.0.2.1" };
  for (const path of [status, "/", "/api/v1/module-schemas"]) {
    const answer = await server.manage(path, { headers });
    expect(answer.status).toBe(401);
    expect(await answer.json()).toEqual({ error: "unauthorized" });
  }
  expect(server.records.filter(({ message }) => message === "Management request refused")).toHaveLength(3);
  for (const path of ["/healthz", "/readyz", "/livez", "/metrics"]) {
    expect((await server.manage(path, { headers })).status).toBe(200);
  }
});

test("the status says what is running", async () => {
  await using server = await serve(
    withServer(`
workflows: { http: { routes: [] } }
pipelines:
  p: { trigger: { type: http, config: { path: /p } }, steps: [] }
  q: { steps: [] }
`),
  );
  const answer = await server.manage(status);
  const body: unknown = await answer.json();
  expect(body).toEqual({
    status: "running",
    isReady: true,
    moduleCount: 2,
    workflowCount: 1,
    pipelineCount: 2,
    triggerCount: 1,
    generation: 1,
    version: "test",
    startedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    uptimeSeconds: expect.any(Number),
    configPath: `${server.directory}/workflow.yaml`,
    configHash: expect.stringMatching(/^[0-9a-f]{64}$/),
    addresses: [{ address: "127.0.0.1:0", port: expect.any(Number) }],
    lastReload: { at: expect.stringMatching(/Z$/), ok: true },
  });
  expect(answer.headers.get("etag")).toBe(`"${server.engine.configHash}"`);
});

test("the status tells of the last reload, also of one that failed", async () => {
  await using server = await serve(withServer(""));
  await expect(server.reload("modules: [{ name: a, type: nope }]")).rejects.toThrow();
  expect(await (await server.manage(status)).json()).toMatchObject({
    generation: 1,
    lastReload: { ok: false, error: 'failed to build workflow: modules[0].type: unknown module type "nope"' },
  });
});

test("the page shows names from the configuration as text", async () => {
  const name = "<script>alert(1)</script>&\\\"'";
  await using server = await serve(
    `modules:\n  - { name: "${name}", type: http.handler }\npipelines: { "<b>x</b>": { steps: [] } }\n`,
  );
  const answer = await server.manage("/");
  const html = await answer.text();
  expect(answer.headers.get("content-type")).toBe("text/html; charset=utf-8");
  expect(answer.headers.get("content-security-policy")).toContain("default-src 'none'");
  expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
  expect(html).toContain("&#60;script&#62;alert(1)&#60;/script&#62;&#38;&#34;&#39;");
  expect(html).toContain("<td>&#60;b&#62;x&#60;/b&#62;</td>");
  expect(html).not.toContain("<script>");
  expect(html).not.toContain("<b>");
});
