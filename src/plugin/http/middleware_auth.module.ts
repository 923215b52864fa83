import { defineModule } from "../../define/define.ts";
import { messageOf } from "../../error/error.ts";
import type { Logger } from "../../log/logger.ts";
import type { Exchange } from "../../port/exchange.ts";
import { HttpMiddleware } from "../../port/http.ts";
import { AuthProvider } from "../../port/service.ts";
import { choice, refAll, Type } from "../../schema/field.ts";
import { textError } from "./text_error.ts";

/** Lets only requests with a valid credential pass, and attaches its claims to them. */
export default defineModule({
  type: "http.middleware.auth",
  summary: "Requires a credential that one of the authentication providers of the configuration accepts.",
  category: "middleware",
  provides: [HttpMiddleware],
  config: Type.Object({
    authType: choice(["Bearer", "Basic", "ApiKey"], {
      description: "Scheme of the credential, the word before it in the `Authorization` header.",
      default: "Bearer",
      invalid: "error",
    }),
    header: Type.String({
      description: "Header with the credential; one other than `Authorization` holds it alone, without a scheme.",
      default: "Authorization",
      minLength: 1,
    }),
    providers: refAll(AuthProvider, { description: "Every authentication provider." }),
  }),
  create({ log }, { authType, header, providers }) {
    if (providers.length === 0) log.warn("No authentication provider is defined: every request is refused");
    const scheme = authType.toLowerCase();
    const read = header.toLowerCase() === "authorization" ? schemeReader(authType) : headerReader(header);
    // RFC 9110 §11.6.1: an answer 401 says which credential would do; Basic has a realm (RFC 7617 §2).
    const challenge = { "www-authenticate": authType === "Basic" ? 'Basic realm="restricted"' : authType };
    const service: HttpMiddleware = {
      wrap: (next) => async (exchange) => {
        const found = read(exchange);
        if ("problem" in found) return textError(401, found.problem, challenge);
        const claims = await verify(providers, found.credential, scheme, log);
        if (claims === undefined) return textError(401, "Invalid credentials", challenge);
        exchange.claims = claims;
        return next(exchange);
      },
    };
    return { service };
  },
});

type Found = { readonly credential: string } | { readonly problem: string };
type Reader = (exchange: Exchange) => Found;

function schemeReader(authType: string): Reader {
  const missing = { problem: "Authorization header required" };
  const other = { problem: `${authType} authorization required` };
  const start = `${authType.toLowerCase()} `;
  return ({ headers }) => {
    const value = headers.get("authorization");
    if (value === null || value === "") return missing;
    // RFC 9110 §11.1: the name of a scheme is case-insensitive.
    if (value.slice(0, start.length).toLowerCase() !== start) return other;
    return { credential: value.slice(start.length).trim() };
  };
}

function headerReader(name: string): Reader {
  const missing = { problem: `${name} header required` };
  return ({ headers }) => {
    const value = headers.get(name);
    return value === null || value === "" ? missing : { credential: value };
  };
}

/** The claims that the first provider finds valid. One that fails is skipped, as it says nothing of the others. */
async function verify(
  providers: readonly AuthProvider[],
  credential: string,
  scheme: string,
  log: Logger,
): Promise<Record<string, unknown> | undefined> {
  for (const provider of providers) {
    try {
      const claims = await provider.authenticate(credential, scheme);
      if (claims !== undefined) return claims;
    } catch (error) {
      log.error("Authentication provider failed", { error: messageOf(error) });
    }
  }
  return undefined;
}
