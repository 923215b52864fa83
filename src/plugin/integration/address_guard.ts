import { WorkflowError } from "../../error/error.ts";
import { type EgressPolicy, EgressRefused } from "../../net/egress.ts";

/** The addresses that a connector may call: with `allowPrivateIPs` also those of this machine and its networks. */
export function connectorEgress(policy: EgressPolicy, { allowPrivateIPs }: { allowPrivateIPs: boolean }): EgressPolicy {
  return allowPrivateIPs ? policy.with({ allow: ["private", "loopback"] }) : policy;
}

/** Says of a refused address what connectors always said. */
export async function guarded<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw error instanceof EgressRefused ? described(error) : error;
  }
}

function described(refused: EgressRefused): WorkflowError {
  const { host, address, kind } = refused;
  if (kind === undefined || address === undefined) return refused;
  const text = "SSRF protection: request to private/internal IP address is not allowed";
  const setting =
    kind === "private" || kind === "loopback" ? "allowPrivateIPs: true" : `egress: { allow: [${address}] }`;
  const hint = `set \`${setting}\` on the connector to allow it`;
  return new WorkflowError("step.egress_refused", `${text}: ${host} resolves to ${address}`, { hint, cause: refused });
}
