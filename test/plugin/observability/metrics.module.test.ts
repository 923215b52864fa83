import { expect, test } from "bun:test";
import { check, serve, type TestServer, withServer } from "../../harness/server.ts";

const config = (settings: string, type = "metrics.collector") =>
  withServer(`
  - { name: metrics, type: ${type}, config: ${settings} }
pipelines:
  p:
    trigger: { type: http, config: { method: GET, path: /p } }
    steps:
      - { name: answer, type: step.json_response, config: { body: {} } }
`);

/** Names of the samples of our own metrics, without buckets. */
async function names(server: TestServer, path = "/metrics"): Promise<readonly string[]> {
  await server.get("/p");
  const text = await (await server.get(path)).text();
  const found = [...text.matchAll(/^(\w*(?:executions_total|requests_total|active_workflows))\{/gm)];
  return [...new Set(found.map((match) => match[1] ?? ""))].sort();
}

const all = ["active_workflows", "http_requests_total", "workflow_executions_total"];

test.each(["metrics.collector", "observability.metrics"])("%s serves the metrics in Prometheus text", async (type) => {
  await using server = await serve(config("{}", type));
  await server.get("/p");
  const answer = await server.get("/metrics");
  expect(answer.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  const text = await answer.text();
  expect(text).toContain('http_requests_total{method="GET",path="/p",status_code="200"} 1\n');
  expect(text).toContain('workflow_executions_total{workflow_type="pipeline:p",action="execute",status="success"} 1\n');
  expect(text).toContain("process_resident_memory_bytes ");
});

test.each([
  ["{}", all],
  ["{ namespace: workflow }", all],
  ["{ namespace: shop }", all.map((name) => `shop_${name}`)],
  ["{ namespace: shop, subsystem: web }", all.map((name) => `shop_web_${name}`)],
  ["{ subsystem: web }", all.map((name) => `workflow_web_${name}`)],
  ["{ enabledMetrics: [] }", all],
  ["{ enabledMetrics: [http, active_workflows] }", ["active_workflows", "http_requests_total"]],
])("with %s the names are %j", async (settings, expected) => {
  await using server = await serve(config(settings));
  expect(await names(server)).toEqual(expected);
});

test("metricsPath moves them", async () => {
  await using server = await serve(config("{ metricsPath: /stats }"));
  expect(await names(server, "/stats")).toEqual(all);
  expect((await server.get("/metrics")).status).toBe(404);
});

test("a route of the user's with the same path wins", async () => {
  await using server = await serve(config("{ metricsPath: /p }"));
  expect(await (await server.get("/p")).json()).toEqual({});
});

test("router chooses where they are served", async () => {
  const second = `  - { name: other, type: http.router }
workflows: { http: { router: other, server: server, routes: [] } }
`;
  const yaml = withServer(`  - { name: metrics, type: metrics.collector, config: { router: other } }\n${second}`);
  await using server = await serve(yaml);
  expect((await server.get("/metrics")).status).toBe(200);
  await server.reload(yaml.replace("router: other }", "router: router }"));
  expect((await server.get("/metrics")).status).toBe(404);
});

test("a namespace that no metric can begin with is refused, and so is an unknown group", async () => {
  expect((await check(config("{ namespace: my-shop }"))).errors).toEqual([
    expect.stringContaining('metrics.collector "metrics": "my-shop_" cannot begin the name of a metric'),
  ]);
  expect((await check(config("{ enabledMetrics: [https] }"))).errors).toEqual([
    `9:74: modules[2].config.enabledMetrics[0]: config field "enabledMetrics" must be one of ` +
      `workflow, http, module, active_workflows, got "https" (did you mean "http"?)`,
  ]);
});
