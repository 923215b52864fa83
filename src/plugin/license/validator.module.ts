import { defineModule } from "../../define/define.ts";
import { messageOf } from "../../error/error.ts";
import { encodeJsonLine } from "../../json/encode.ts";
import { Secret } from "../../log/secret.ts";
import { HttpHandler } from "../../port/http.ts";
import { duration, secret, Type } from "../../schema/field.ts";
import { askLicenseServer } from "./license_server.ts";
import { LicenseState } from "./license_state.ts";

const variable = "WORKFLOW_LICENSE_KEY";

/** Asks a license server from time to time, and shows its verdict as an HTTP handler. */
export default defineModule({
  type: "license.validator",
  summary: "Validates a license key with a server; usable as the handler of a status route.",
  category: "platform",
  provides: [HttpHandler],
  serviceName: "license-validator",
  carry: "instance",
  config: Type.Object({
    server_url: Type.String({
      description: "Address of the license server; without one a local starter license is used.",
      default: "",
    }),
    license_key: Type.Optional(
      secret({ description: "License key; the environment variable WORKFLOW_LICENSE_KEY without it." }),
    ),
    cache_ttl: duration({
      description: "How long a verdict holds before the server is asked again.",
      default: "1h",
      minimum: 0,
      invalid: "error",
    }),
    grace_period: duration({
      description: "How long a license stays valid while the server cannot be reached.",
      default: "72h",
      minimum: 0,
      invalid: "error",
    }),
    refresh_interval: duration({
      description: "How often the verdict is looked at in the background.",
      default: "1h",
      minimum: 1,
      invalid: "error",
    }),
  }),
  create({ log, runtime }, { server_url, license_key, cache_ttl, grace_period, refresh_interval }) {
    const { clock } = runtime;
    let key = new Secret("");
    const state = new LicenseState({
      cacheTtlMs: cache_ttl,
      gracePeriodMs: grace_period,
      clock,
      ask: server_url === "" ? undefined : (signal) => askLicenseServer(server_url, key.reveal(), signal),
    });
    const refresh = async (signal: AbortSignal): Promise<void> => {
      try {
        await state.validate(signal);
      } catch (error) {
        if (signal.aborted) throw error;
        log.warn("License validation failed", { error: messageOf(error) });
      }
    };
    const service: HttpHandler = {
      handler: () => (exchange) => {
        if (exchange.method !== "GET" && exchange.method !== "HEAD") {
          const headers = {
            allow: "GET, HEAD",
            "content-type": "text/plain; charset=utf-8",
            "x-content-type-options": "nosniff",
          };
          return new Response("Method Not Allowed\n", { status: 405, headers });
        }
        return new Response(encodeJsonLine(state.status), { headers: { "content-type": "application/json" } });
      },
    };
    return {
      service,
      async start(scope) {
        key = chosenKey(license_key);
        await refresh(scope.signal);
        void scope.spawn("refresh", async (signal) => {
          for (;;) {
            await clock.sleep(refresh_interval, signal);
            await refresh(signal);
          }
        });
      },
    };
  },
});

/** Older configurations write the variable's name without braces, which nothing else expands. */
function chosenKey(configured: Secret | undefined): Secret {
  const text = configured?.reveal() ?? "";
  const isReference = text === "" || text === `$${variable}` || text === `\${${variable}}`;
  return new Secret(isReference ? (process.env[variable] ?? "") : text);
}
