import { type TestServer, withServer } from "../../harness/server.ts";

const routes = (base: string, parts: readonly string[]) =>
  parts
    .map((part) => {
      const [method, path = ""] = part.split(" ");
      return `      - { method: ${method}, path: "${base}${path}", handler: items }`;
    })
    .join("\n");

const collection = ["GET", "POST", "PUT", "PATCH", "GET /{id}", "POST /{id}", "PUT /{id}", "DELETE /{id}"];

/** A server with a collection under `/api/items`; `parts` are its routes, such as `GET /{id}`. */
export const items = (config = "{}", parts: readonly string[] = collection, modules = "", sections = "") =>
  withServer(`
  - name: items
    type: api.handler
    config: ${config}${modules}
workflows:
  http:
    routes:
${routes("/api/items", parts)}${sections}`);

/** The body of an answer, which these tests know to be an object. */
export const objectOf = async (answer: Response): Promise<Record<string, unknown>> => Object(await answer.json());

/** Sends a JSON body with PUT. */
export const put = (server: TestServer, path: string, body: unknown) =>
  server.fetch(path, { method: "PUT", body: JSON.stringify(body) });
