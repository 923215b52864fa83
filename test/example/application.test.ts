import { beforeAll, expect, test } from "bun:test";
import { buildExecutable } from "../../script/executable.ts";
import { startExample } from "../harness/example.ts";
import { buildTimeoutMs } from "../harness/executable.ts";

beforeAll(() => buildExecutable().then(() => undefined), buildTimeoutMs);

test("the chat gateway asks for a credential and reaches both of its services", async () => {
  await using server = await startExample("chat-platform/api-gateway.yaml");
  const [refused, posted, messages, signOfLife, presence, crossOrigin] = await server.tryIt();
  expect(refused).toEndWith('{"error":"unauthorized"} 401');
  expect(posted).toBe('{"conversation":"tea","id":1,"sender":"ada","sent_at":"TIME","text":"Hello"} 201');
  expect(messages).toBe('[{"id":1,"sender":"ada","sent_at":"TIME","text":"Hello"}] 200');
  expect(signOfLife).toBe("204");
  expect(presence).toBe('{"online":true,"since":"TIME","user":"ada"} 200');
  expect(crossOrigin).toMatch(/access-control-allow-origin: https:\/\/chat\.example\.com/i);
});

test("the chat application moderates and counts what its gateway takes in", async () => {
  await using server = await startExample("chat-platform/application.yaml");
  const [posted] = await server.tryIt();
  expect(posted).toEndWith(" 201");
  await server.logged(/Message 1 of ada looks like spam/);
  await server.logged(/Pipeline completed.*pipeline=count-messages/);
  const statistics = await server.shell("curl http://localhost:8098/statistics");
  expect(statistics).toMatch(/^\{"messages":1,"slowest_ms":[\d.]+\} 200$/);
});

test("a service of the chat platform runs alone", async () => {
  await using server = await startExample("chat-platform/backend/presence.yaml");
  expect(await server.tryIt()).toEqual(["204", '{"online":true,"since":"TIME","user":"ada"} 200']);
});

test("the order service ships only what is paid", async () => {
  await using server = await startExample("ecommerce-app/order-service.yaml");
  const [created, accepted, early, paid, shipped, summary] = await server.tryIt();
  expect(created).toEndWith(" 201");
  expect(accepted).toContain('"state":"accepted"');
  expect(early).toContain("cannot trigger transition 'ship' from state 'accepted', expected 'paid'");
  expect(early).toEndWith(" 400");
  expect(paid).toContain('"state":"paid","success":true');
  expect(shipped).toContain('"state":"shipped","success":true');
  expect(summary).toBe('{"customer":"Ada","id":"o-1","lastUpdate":"TIME","product":"tea","state":"shipped"} 200');
});

test("the catalogue runs alone", async () => {
  await using server = await startExample("ecommerce-app/catalog-service.yaml");
  const tea = '{"data":{"name":"Green tea","priceCents":650},"id":"tea","lastUpdate":"TIME","state":"available"}';
  const [products, product, sales] = await server.tryIt();
  expect(products).toStartWith(`[${tea},`);
  expect(product).toBe(`${tea} 200`);
  expect(sales).toBe('{"paid_orders":0} 200');
});

test("in the shop application, a payment reaches the catalogue and the customer", async () => {
  await using server = await startExample("ecommerce-app/application.yaml");
  const [created, paid] = await server.tryIt();
  expect(created).toEndWith(" 201");
  expect(paid).toContain('"state":"paid"');
  await server.logged(/Order o-1 is paid/);
  await server.logged(/(Pipeline completed.*pipeline=count-sale[^]*){2}/);
  expect(await server.shell("curl http://localhost:8097/api/sales")).toBe('{"paid_orders":1} 200');
});
