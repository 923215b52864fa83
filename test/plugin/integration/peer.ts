import { withServer } from "../../harness/server.ts";
import type { TestServer } from "../../harness/server.ts";

/** What a peer was asked. */
export interface Asked {
  readonly method: string;
  readonly url: string;
  readonly body: unknown;
  readonly headers: Headers;
}

/** A local HTTP API that notes requests and answers with what `answer` says. */
export function peer(answer: (asked: Asked, count: number) => Response | Promise<Response>) {
  const asked: Asked[] = [];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      const { method, headers } = request;
      const { pathname, search } = new URL(request.url);
      const text = await request.text();
      const one = { method, url: pathname + search, body: text === "" ? undefined : JSON.parse(text), headers };
      asked.push(one);
      const response = await answer(one, asked.length);
      // A connection that is kept would be tried again after the port belongs to the peer of another test.
      response.headers.set("connection", "close");
      return response;
    },
  });
  return { asked, url: `http://127.0.0.1:${server.port}`, [Symbol.asyncDispose]: () => server.stop(true) };
}

/** A server with an integration section; `connector` is the settings of the connector `api`. */
export function withIntegration(connector: string, steps = "", modules = ""): string {
  return withServer(`${modules}
workflows:
  integration:
    registry: router
    connectors:
      - { name: api, type: http, config: ${connector} }
    steps: [${steps}]
`);
}

/** Runs the section as a trigger would whose `params` are all of its data. */
export function run(server: TestServer, action: string, params: Record<string, unknown>) {
  const target = server.engine.current?.runtime.dispatcher.target("integration", action, { params });
  return Promise.resolve(target?.run(params, { trigger: "test" }));
}

/** The message of what a promise fails with. */
export function failure(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "no failure",
    (error: Error) => error.message,
  );
}
