import { expect, test } from "bun:test";
import { PrometheusMetrics } from "../../../src/service/telemetry/metrics.ts";

const linesOf = async (metrics: PrometheusMetrics, start: string) =>
  (await metrics.expose()).split("\n").filter((line) => line.startsWith(start));

test("the six metrics of the guide carry their names and labels", async () => {
  const metrics = new PrometheusMetrics();
  metrics.httpRoute("GET", "/users/{id}").record(200, 0.02);
  const workflow = metrics.workflow("pipeline:orders", "execute");
  workflow.start();
  workflow.finish("success", 0.3);
  workflow.start();
  metrics.moduleOperation("step", "execute").record("failure");
  expect(await linesOf(metrics, "http_requests_total")).toEqual([
    'http_requests_total{method="GET",path="/users/{id}",status_code="200"} 1',
  ]);
  expect(await linesOf(metrics, "workflow_executions_total")).toEqual([
    'workflow_executions_total{workflow_type="pipeline:orders",action="execute",status="success"} 1',
    'workflow_executions_total{workflow_type="pipeline:orders",action="execute",status="error"} 0',
  ]);
  expect(await linesOf(metrics, "active_workflows")).toEqual(['active_workflows{workflow_type="pipeline:orders"} 1']);
  expect(await linesOf(metrics, "module_operations_total")).toContain(
    'module_operations_total{module="step",operation="execute",status="failure"} 1',
  );
});

test("histogram buckets are cumulative, and a value on a bound counts below it", async () => {
  const metrics = new PrometheusMetrics();
  const meter = metrics.httpRoute("GET", "/a");
  for (const seconds of [0.001, 0.005, 0.3, 99]) meter.record(200, seconds);
  const buckets = await linesOf(metrics, "http_request_duration_seconds_bucket");
  expect(buckets.map((line) => /le="([^"]+)".* (\d+)$/.exec(line)?.slice(1, 3))).toEqual([
    ["0.005", "2"],
    ["0.01", "2"],
    ["0.025", "2"],
    ["0.05", "2"],
    ["0.1", "2"],
    ["0.25", "2"],
    ["0.5", "3"],
    ["1", "3"],
    ["2.5", "3"],
    ["5", "3"],
    ["10", "3"],
    ["+Inf", "4"],
  ]);
  expect(await linesOf(metrics, "http_request_duration_seconds_count")).toEqual([
    'http_request_duration_seconds_count{method="GET",path="/a"} 4',
  ]);
});

test("a prefix is put before the program's own metrics only, and groups select among them", async () => {
  const metrics = new PrometheusMetrics();
  metrics.httpRoute("GET", "/a").record(200, 0.02);
  metrics.workflow("w", "a").start();
  const text = await metrics.expose({ prefix: "shop_", groups: ["http"] });
  expect(text).toContain('shop_http_requests_total{method="GET",path="/a",status_code="200"} 1');
  expect(text).not.toContain("workflow_executions_total");
  expect(text).toContain("\nprocess_resident_memory_bytes ");
});

test("a gauge is read when it is scraped, and is gone after its owner removed it", async () => {
  const metrics = new PrometheusMetrics();
  let depth = 3;
  const remove = metrics.gauge("workflow_queue_depth", "Waiting messages.", { queue: "a" }, () => depth);
  expect(await linesOf(metrics, "workflow_queue_depth")).toEqual(['workflow_queue_depth{queue="a"} 3']);
  depth = 4;
  expect(await linesOf(metrics, "workflow_queue_depth")).toEqual(['workflow_queue_depth{queue="a"} 4']);
  remove();
  expect(await linesOf(metrics, "workflow_queue_depth")).toEqual([]);
});
