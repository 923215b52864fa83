import { expect, test } from "bun:test";
import middlewareAuth from "../../../src/plugin/http/middleware_auth.module.ts";
import { Logger, LoggerCore, type LogRecord } from "../../../src/log/logger.ts";
import { Exchange, insideConnection } from "../../../src/port/exchange.ts";
import type { HttpMiddleware } from "../../../src/port/http.ts";
import type { AuthProvider } from "../../../src/port/service.ts";
import { check, serve } from "../../harness/server.ts";
import { withMiddleware } from "./middleware_route.ts";

const type = "http.middleware.auth";

/** Knows one credential of one scheme. */
const knows = (scheme: string, credential: string, sub: string): AuthProvider => ({
  authenticate: async (given, givenScheme) => (given === credential && givenScheme === scheme ? { sub } : undefined),
});
const broken: AuthProvider = { authenticate: () => Promise.reject(new Error("no database")) };

interface Setup {
  readonly authType?: string;
  readonly header?: string;
  readonly providers?: readonly AuthProvider[];
}

/** Sends one request through the middleware to a handler that answers with the claims. */
async function ask(headers: Record<string, string>, setup: Setup = {}) {
  const records: LogRecord[] = [];
  const log = new Logger(new LoggerCore("info", [(record) => void records.push(record)]));
  await using server = await serve("modules: []");
  const { runtime } = server.engine.current ?? {};
  if (runtime === undefined) throw new Error("the server runs");
  const { service } = middlewareAuth.create(
    { name: "auth", type, at: { file: "x.yaml", line: 1, column: 1 }, log, runtime },
    { authType: "Bearer", header: "Authorization", providers: [knows("bearer", "good", "ann")], ...setup },
  );
  const { wrap } = service as HttpMiddleware;
  const handle = wrap(({ claims }) => Response.json(claims), { method: "GET", path: "/x" });
  const answer = await handle(new Exchange(new Request("http://localhost/x", { headers }), insideConnection));
  return { status: answer.status, headers: answer.headers, text: await answer.text(), records };
}

test("a valid credential passes, with its claims", async () => {
  expect(await ask({ authorization: "Bearer good" })).toMatchObject({ status: 200, text: '{"sub":"ann"}' });
});

test.each<[Record<string, string>, string]>([
  [{}, "Authorization header required"],
  [{ authorization: "" }, "Authorization header required"],
  [{ authorization: "Basic good" }, "Bearer authorization required"],
  [{ authorization: "Bearergood" }, "Bearer authorization required"],
  [{ authorization: "good" }, "Bearer authorization required"],
  [{ authorization: "Bearer bad" }, "Invalid credentials"],
  [{ authorization: "Bearer  good x" }, "Invalid credentials"],
])("the headers %j are refused with: %s", async (headers, text) => {
  const answer = await ask(headers);
  expect(answer.status).toBe(401);
  expect(answer.text).toBe(`${text}\n`);
  expect(answer.headers.get("www-authenticate")).toBe("Bearer");
  expect(answer.headers.get("content-type")).toBe("text/plain; charset=utf-8");
});

test("the name of a scheme may be written in any case", async () => {
  expect((await ask({ authorization: "bearer good" })).status).toBe(200);
});

test("authType is the scheme that is asked for", async () => {
  const providers = [knows("basic", "YTpi", "ann")];
  const setup = { authType: "Basic", providers };
  expect((await ask({ authorization: "Basic YTpi" }, setup)).status).toBe(200);
  const refused = await ask({ authorization: "Bearer YTpi" }, setup);
  expect(refused.text).toBe("Basic authorization required\n");
  expect(refused.headers.get("www-authenticate")).toBe('Basic realm="restricted"');
});

test("header names another header, which holds the credential alone", async () => {
  const setup = { authType: "ApiKey", header: "X-API-Key", providers: [knows("apikey", "k-1", "bot")] };
  expect(await ask({ "x-api-key": "k-1" }, setup)).toMatchObject({ status: 200, text: '{"sub":"bot"}' });
  expect(await ask({ authorization: "ApiKey k-1" }, setup)).toMatchObject({
    status: 401,
    text: "X-API-Key header required\n",
  });
  expect(await ask({ "x-api-key": "k-2" }, setup)).toMatchObject({ status: 401, text: "Invalid credentials\n" });
});

test("the first provider that accepts counts, and one that fails is skipped and logged", async () => {
  const providers = [broken, knows("bearer", "other", "eve"), knows("bearer", "good", "ann")];
  const answer = await ask({ authorization: "Bearer good" }, { providers });
  expect(answer.text).toBe('{"sub":"ann"}');
  expect(answer.records).toMatchObject([
    { level: "error", message: "Authentication provider failed", attributes: { error: "no database" } },
  ]);
});

test("when every provider fails, nobody passes", async () => {
  expect((await ask({ authorization: "Bearer good" }, { providers: [broken] })).status).toBe(401);
});

test("without a provider every request is refused, and the log says so at the start", async () => {
  await using server = await serve(withMiddleware(type));
  expect((await server.get("/x", { authorization: "Bearer any" })).status).toBe(401);
  const record = await server.logged("No authentication provider is defined: every request is refused");
  expect(record).toMatchObject({ level: "warn", attributes: { module: "around" } });
});

test("an unknown authType is refused", async () => {
  expect((await check(withMiddleware(type, "{ authType: Digest }"))).errors).toEqual([
    `10:69: modules[3].config.authType: config field "authType" must be one of Bearer, Basic, ApiKey, got "Digest"`,
  ]);
});
