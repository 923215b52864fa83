import { beforeAll, expect, test } from "bun:test";
import { buildExecutable } from "../../script/executable.ts";
import { startExample } from "../harness/example.ts";
import { buildTimeoutMs } from "../harness/executable.ts";

beforeAll(() => buildExecutable().then(() => undefined), buildTimeoutMs);

const hello = '{"handler":"helloHandler","message":"Default handler response","status":"success"} 200';

test("the simple example shows what its middleware does", async () => {
  await using server = await startExample("simple-workflow.yaml");
  const [plain, withId, crossOrigin, limited, health, metrics] = await server.tryIt();
  expect(plain).toEndWith(hello);
  expect(plain).toMatch(/x-request-id: ID/i);
  expect(plain).toMatch(/x-frame-options: SAMEORIGIN/i);
  expect(plain).not.toMatch(/access-control-allow-origin/i);
  expect(withId).toMatch(/x-request-id: my-own-id/i);
  expect(crossOrigin).toMatch(/access-control-allow-origin: https:\/\/app\.example\.com/i);
  expect(limited).toBe("200\n200\n429\n429");
  expect(health).toBe('{"checks":{},"status":"healthy"} 200');
  expect(metrics).toContain('http_requests_total{method="GET",path="/api/limited",status_code="429"} 2');
});

test("the REST example seeds, changes and filters its resources", async () => {
  await using server = await startExample("rest-api/rest-api.yaml");
  const tea = '{"data":{"name":"Green tea","priceCents":650},"id":"tea","lastUpdate":"TIME","state":"listed"}';
  const pot = '{"data":{"name":"Tea pot","priceCents":2400},"id":"pot","lastUpdate":"TIME","state":"sale"}';
  expect(await server.tryIt()).toEqual([
    `[${tea},${pot}] 200`,
    `${tea} 200`,
    '{"data":{"id":"mug","name":"Mug"},"id":"mug","lastUpdate":"TIME","state":"new"} 201',
    '{"data":{"name":"Big mug"},"id":"mug"} 200',
    "204",
    `[${pot}] 200`,
    '{"id":"tea","lastUpdate":"TIME","name":"Green tea","priceCents":650,"state":"listed"} 200',
  ]);
});

test("the gateway example passes requests on to its backends", async () => {
  await using server = await startExample("api-gateway.yaml");
  const [user, orders, overview, report, nothing] = await server.tryIt();
  expect(user).toBe('{"id":"7","name":"Ada"} 200');
  expect(orders).toBe('{"orders":[]} 200');
  expect(overview).toBe('{"orders":{"open":0},"users":{"registered":1}} 200');
  expect(report).toBe('{"handler":"reportHandler","message":"Default handler response","status":"success"} 200');
  expect(nothing).toEndWith("404 page not found 404");
});

test("the static site answers files, its index for unknown paths, and the API", async () => {
  await using server = await startExample("static-site/static-site.yaml");
  const [index, script, deep, tasks] = await server.tryIt();
  expect(index).toContain("<h1>Tasks</h1>");
  expect(script).toMatch(/cache-control: public, max-age=60/i);
  expect(script).toMatch(/content-type: text\/javascript/i);
  expect(deep).toBe(index ?? "");
  expect(tasks).toStartWith('[{"data":{"title":"Water the plants"},"id":"1","lastUpdate":"TIME","state":"open"},');
});
