import { beforeAll, expect, test } from "bun:test";
import { buildExecutable } from "../../script/executable.ts";
import { startExample } from "../harness/example.ts";
import { buildTimeoutMs } from "../harness/executable.ts";

beforeAll(() => buildExecutable().then(() => undefined), buildTimeoutMs);

const example = "order-processing-pipeline.yaml";
const post = "curl -X POST http://localhost:8080/api/orders -H 'Content-Type: application/json' -d";

test("the order example takes an order, lists it and reads it back", async () => {
  await using server = await startExample(example);
  const [placed, refused, listed] = await server.tryIt();
  expect(placed).toBe(
    '{"customer":"Ada","id":"ID","items":[{"quantity":2,"sku":"A-1"}],"placed_at":"TIME","shipping":"standard",' +
      '"status":"accepted","total_cents":2500,"units":2} 201',
  );
  expect(refused).toContain('"fields":[{"field":"items","rule":"required",');
  expect(refused).toEndWith(" 400");
  const row = '{"customer":"Ada","id":"ID","placed_at":"TIME","shipping":"standard","total_cents":2500}';
  expect(listed).toBe(`{"count":1,"orders":[${row}]} 200`);
  const id = "$(command curl -s http://localhost:8080/api/orders | grep -o '[0-9a-f-]\\{36\\}')";
  expect(await server.shell(`curl http://localhost:8080/api/orders/${id}`)).toBe(
    `{"items":[{"quantity":2,"sku":"A-1"}],"order":${row}} 200`,
  );
  expect(server.log).toMatch(/Order [0-9a-f-]{36} of Ada goes out standard/);
});

test("the order example holds a big order for approval and ships it insured", async () => {
  await using server = await startExample(example);
  expect(await server.shell(`${post} '{"customer":"Ada","items":[{"sku":"C-3","quantity":1}]}'`)).toBe(
    '{"id":"ID","shipping":"insured","status":"waiting for approval","total_cents":99900} 202',
  );
});

test.each([
  ["no customer", '{"customer":"","items":[{"sku":"A-1","quantity":1}]}', '"field":"customer","rule":"required"'],
  ["items that are no list", '{"customer":"Ada","items":"A-1"}', '"field":"items","rule":"type"'],
  [
    "a quantity of 0",
    '{"customer":"Ada","items":[{"sku":"A-1","quantity":0}]}',
    '"field":"item.quantity","rule":"min"',
  ],
  ["an unknown sku", '{"customer":"Ada","items":[{"sku":"Z-9","quantity":1}]}', '"error":"unknown sku: Z-9"'],
])("the order example refuses %s with 400", async (_fault, body, answer) => {
  await using server = await startExample(example);
  const refused = await server.shell(`${post} '${body}'`);
  expect(refused).toContain(answer);
  expect(refused).toEndWith(" 400");
});

test("the order example answers 404 for an order that is not there", async () => {
  await using server = await startExample(example);
  expect(await server.shell("curl http://localhost:8080/api/orders/none")).toBe(
    '{"error":"there is no order none"} 404',
  );
});
