import { beforeAll, expect, test } from "bun:test";
import { buildExecutable } from "../../script/executable.ts";
import { startExample } from "../harness/example.ts";
import { buildTimeoutMs } from "../harness/executable.ts";

beforeAll(() => buildExecutable().then(() => undefined), buildTimeoutMs);

test("the transformation example renames, filters and formats", async () => {
  await using server = await startExample("data-transformation.yaml");
  expect(await server.tryIt()).toEqual([
    '{"contact":{"email":"ADA@Example.com","first_name":"Ada"},"email":"ada@example.com",' +
      '"label":"Ada \\u003cada@example.com\\u003e","tag_list":"vip, press","tags":["vip","press"]} 200',
    "name,email\nAda,ada@example.com\nGrace,grace@example.com 200",
    '{"a":1} 200',
  ]);
  expect(await server.shell("curl 'http://localhost:8080/api/contacts/parse?json=nonsense'")).toBe(
    '{"error":"the parameter json does not hold JSON"} 400',
  );
});

test("the feature flag example switches for everybody and for one", async () => {
  await using server = await startExample("feature-flag-workflow.yaml");
  expect(await server.tryIt()).toEqual([
    '{"checkout":"old","user":"ada"} 200',
    '{"enabled":"1","flag":"new-checkout"} 200',
    '{"checkout":"new","user":"ada"} 200',
    '{"flag":"new-checkout","user":"grace","value":false} 200',
    '{"checkout":"old","user":"grace"} 200',
    '{"enabled":false,"value":false,"variant":"false"} 200',
  ]);
});

test("the OpenAPI example answers by its document", async () => {
  await using server = await startExample("openapi-petstore/openapi-petstore.yaml");
  const printed = await server.tryIt();
  const tom = '{"id":1,"kind":"cat","name":"Tom"}';
  expect(printed.slice(0, 3)).toEqual([`[${tom}] 200`, `[${tom}] 200`, '{"id":2,"kind":"dog","name":"Rex"} 201']);
  const [, , , refused, pet, deleted, document] = printed;
  expect(refused).toStartWith('{"error":"request validation failed","errors":["field \\"name\\"');
  expect(refused).toEndWith(" 400");
  expect(pet).toBe(`${tom} 200`);
  expect(deleted).toEndWith(" 501");
  expect(document).toContain('"title":"Pet store"');
});

test("the CQRS example keeps its read side up to date", async () => {
  await using server = await startExample("cqrs.yaml");
  expect(await server.tryIt()).toEqual([
    '{"account":"ada","recorded":1} 202',
    '{"account":"ada","recorded":1} 202',
    '{"account":"ada","cents":300,"movements":2} 200',
    '[{"at":"TIME","cents":500,"kind":"deposit"},{"at":"TIME","cents":-200,"kind":"withdrawal"}] 200',
    '{"error":"the account does not hold that much"} 409',
  ]);
});

test("the integration example calls two systems and stores what they said", async () => {
  await using server = await startExample("integration-workflow.yaml");
  expect(await server.tryIt()).toEqual([
    '{"status": "workflow triggered"} 202',
    '{"imports":[{"id":"7","name":"Ada","score":"good"}]} 200',
  ]);
});

test("the error example retries, does without, gives up in time and undoes", async () => {
  await using server = await startExample("error-handling.yaml");
  const [retried, optional, late, broken, undone, trips] = await server.tryIt();
  expect(retried).toBe('{"asked":3} 200');
  expect(optional).toBe('{"product":"tea","recommendation":"none today"} 200');
  expect(late).toEndWith('{"error":"the request took too long","id":"ID"} 504');
  expect(broken).toBe('{"from_cache":null,"price":null} 200');
  expect(undone).toContain("(compensation executed)");
  expect(undone).toEndWith(" 400");
  expect(trips).toBe('{"seats":[]} 200');
  await server.shell("curl http://localhost:8080/api/breaker");
  expect(await server.shell("curl http://localhost:8080/api/breaker")).toBe('{"from_cache":true,"price":650} 200');
});
