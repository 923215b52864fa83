/** What a backend was asked. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Headers;
  readonly body: string;
}

/** A backend that answers on a free port. Close it with `using`. */
export interface Backend extends Disposable {
  readonly url: string;
  readonly host: string;
  /** The requests so far, once their bodies were read. */
  readonly seen: readonly SeenRequest[];
}

/** Starts a backend that notes every request before it answers; without `answer` it answers `{"from": name}`. */
export function startBackend(name: string, answer?: (request: SeenRequest) => Response | Promise<Response>): Backend {
  const seen: SeenRequest[] = [];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      const { pathname, search } = new URL(request.url);
      const facts = { method: request.method, path: pathname + search, headers: request.headers };
      const one = { ...facts, body: await request.text() };
      seen.push(one);
      return answer?.(one) ?? Response.json({ from: name });
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}`,
    host: `127.0.0.1:${server.port}`,
    seen,
    [Symbol.dispose]: () => void server.stop(true),
  };
}

/** The address of a port where nothing listens. */
export function deadHost(): string {
  const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response() });
  void server.stop(true);
  return `127.0.0.1:${server.port}`;
}
