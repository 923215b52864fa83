import type { Exchange } from "../../port/exchange.ts";

/** Which pages of other origins may call. */
export interface CorsRules {
  readonly allowOrigins: readonly string[];
  readonly allowMethods: readonly string[];
  readonly allowHeaders: readonly string[];
  readonly maxAge: number;
}

/** The headers for one request (Fetch standard, CORS protocol); none for no origin and foreign ones. */
export function corsHeaders(rules: CorsRules, exchange: Exchange): Readonly<Record<string, string>> {
  const origin = exchange.headers.get("origin");
  if (origin === null) return {};
  const isAny = rules.allowOrigins.includes("*");
  if (!isAny && !rules.allowOrigins.includes(origin)) return { vary: "Origin" };
  return {
    "access-control-allow-origin": isAny ? "*" : origin,
    "access-control-allow-methods": rules.allowMethods.join(", "),
    "access-control-allow-headers": rules.allowHeaders.join(", "),
    ...(rules.maxAge > 0 ? { "access-control-max-age": String(rules.maxAge) } : {}),
    ...(isAny ? {} : { vary: "Origin" }),
  };
}

/** Puts the headers on a response, in place of those that a backend may have set. */
export function withCors(response: Response, headers: Readonly<Record<string, string>>): Response {
  for (const [name, value] of Object.entries(headers)) {
    if (name === "vary") response.headers.append(name, value);
    else response.headers.set(name, value);
  }
  return response;
}
