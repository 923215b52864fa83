import { defineModule } from "../../define/define.ts";
import { HttpMiddleware } from "../../port/http.ts";
import { count, Type } from "../../schema/field.ts";
import { changed } from "./changed.ts";

const defaultPolicy =
  "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'";

const defaults = {
  contentSecurityPolicy: defaultPolicy,
  frameOptions: "DENY",
  contentTypeOptions: "nosniff",
  hstsMaxAge: 31_536_000,
  referrerPolicy: "strict-origin-when-cross-origin",
  permissionsPolicy: "camera=(), microphone=(), geolocation=()",
};

/** Sets the headers by which browsers restrict what a page may do. */
export default defineModule({
  type: "http.middleware.securityheaders",
  summary: "Sets security headers for browsers on every response, unless the handler set its own.",
  category: "middleware",
  provides: [HttpMiddleware],
  config: Type.Object({
    contentSecurityPolicy: Type.String({
      description: "Value of `Content-Security-Policy`; empty for the default.",
      default: defaults.contentSecurityPolicy,
    }),
    frameOptions: Type.String({
      description: "Value of `X-Frame-Options`; empty for the default.",
      default: defaults.frameOptions,
    }),
    contentTypeOptions: Type.String({
      description: "Value of `X-Content-Type-Options`; empty for the default.",
      default: defaults.contentTypeOptions,
    }),
    hstsMaxAge: count({
      description: "Seconds of `Strict-Transport-Security`; 0 for the default, negative for no such header.",
      default: defaults.hstsMaxAge,
    }),
    referrerPolicy: Type.String({
      description: "Value of `Referrer-Policy`; empty for the default.",
      default: defaults.referrerPolicy,
    }),
    permissionsPolicy: Type.String({
      description: "Value of `Permissions-Policy`; empty for the default.",
      default: defaults.permissionsPolicy,
    }),
  }),
  create(_context, config) {
    const maxAge = config.hstsMaxAge === 0 ? defaults.hstsMaxAge : config.hstsMaxAge;
    const headers: (readonly [string, string])[] = [
      ["x-content-type-options", config.contentTypeOptions || defaults.contentTypeOptions],
      ["x-frame-options", config.frameOptions || defaults.frameOptions],
      ["content-security-policy", config.contentSecurityPolicy || defaults.contentSecurityPolicy],
      ["referrer-policy", config.referrerPolicy || defaults.referrerPolicy],
      ["permissions-policy", config.permissionsPolicy || defaults.permissionsPolicy],
      ...(maxAge < 0 ? [] : [["strict-transport-security", `max-age=${maxAge}; includeSubDomains`] as const]),
    ];
    const secure = (response: Response): void => {
      for (const [name, value] of headers) if (!response.headers.has(name)) response.headers.set(name, value);
    };
    const service: HttpMiddleware = { wrap: (next) => (exchange) => changed(next(exchange), secure) };
    return { service };
  },
});
