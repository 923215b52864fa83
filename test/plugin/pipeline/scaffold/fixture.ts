import { inflateRawSync } from "node:zlib";
import { type TestServer, withServer } from "../../../harness/server.ts";

/** An API with sign-in, one full resource and one list. */
export const shop = `openapi: 3.1.0
info: { title: Shop, version: "2.1" }
servers: [{ url: "https://shop.example.com/api/v1/" }]
paths:
  /auth/login: { post: { operationId: login } }
  /order-items:
    get: { operationId: listItems }
    post:
      operationId: createItem
      requestBody: { content: { application/json: { schema: { $ref: "#/components/schemas/Item" } } } }
  /order-items/{itemId}:
    get: {}
    patch: { operationId: change_item, requestBody: {} }
    delete: { operationId: removeItem }
components:
  schemas:
    Item:
      required: [name]
      properties:
        id: { type: string }
        name: { type: string }
        state: { type: string, enum: [new, sold] }
`;

/** A server whose `POST /p` gives the request to one step, after the steps in `before`. */
export function scaffoldServer(type: string, config = "{}", before = ""): string {
  return withServer(`
pipelines:
  p:
    trigger: { type: http, config: { method: POST, path: /p } }
    steps:
${before}      - { name: act, type: ${type}, config: ${config} }
      - { name: after, type: step.json_response, config: { status: 418 } }
`);
}

/** Runs the pipeline without a request, with the data as its trigger's, and gives what it ended with. */
export async function runOffline(
  server: TestServer,
  data: Record<string, unknown>,
): Promise<Record<string, unknown> | undefined> {
  return server.engine.current?.runtime.pipelines.find("p")?.run(data, { trigger: "test" });
}

/** The files of an archive by path, read through its directory. */
export function unzip(archive: Uint8Array): Map<string, string> {
  const bytes = Buffer.from(archive);
  const end = bytes.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]));
  const files = new Map<string, string>();
  let at = bytes.readUInt32LE(end + 16);
  for (let count = bytes.readUInt16LE(end + 10); count > 0; count--) {
    const [packed, nameLength] = [bytes.readUInt32LE(at + 20), bytes.readUInt16LE(at + 28)];
    const local = bytes.readUInt32LE(at + 42);
    const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    const name = bytes.subarray(at + 46, at + 46 + nameLength).toString();
    files.set(name, inflateRawSync(bytes.subarray(start, start + packed)).toString());
    at += 46 + nameLength;
  }
  return files;
}
