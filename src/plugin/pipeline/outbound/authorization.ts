import { WorkflowError } from "../../../error/error.ts";
import type { Secret } from "../../../log/secret.ts";
import type { ClientCredentials, TokenCache } from "./oauth_token.ts";
import { type Call, type Send, sendCall } from "./send.ts";

/** The settings under `auth`. */
export interface AuthSettings {
  readonly type?: "oauth2_client_credentials";
  readonly token_url?: string;
  readonly client_id?: string;
  readonly client_secret?: Secret;
  readonly scopes: readonly string[];
}

/**
 * How a request is sent: plainly, or with a bearer token that is renewed once when it is refused. Throws
 * `config.required` for settings that are missing.
 */
export function authorization(auth: AuthSettings | undefined, prefix: string, tokens: TokenCache): Send {
  if (auth?.type === undefined) return sendCall;
  const credentials = credentialsOf(auth, prefix);
  const send = (request: Call, token: string) => {
    const headers = new Headers(request.headers);
    headers.set("authorization", `Bearer ${token}`);
    return sendCall({ ...request, headers });
  };
  return async (request) => {
    const { egress, signal } = request;
    const token = await tokens.get(credentials, egress, signal);
    const answer = await send(request, token);
    if (answer.status !== 401) return answer;
    await tokens.drop(credentials, egress, token);
    return send(request, await tokens.get(credentials, egress, signal));
  };
}

function credentialsOf(auth: AuthSettings, prefix: string): ClientCredentials {
  const missing = (key: string) =>
    new WorkflowError("config.required", `${prefix}auth.${key} is required for oauth2_client_credentials`);
  const { token_url: tokenUrl = "", client_id: clientId = "", client_secret: clientSecret, scopes } = auth;
  if (tokenUrl === "") throw missing("token_url");
  if (clientId === "") throw missing("client_id");
  if (clientSecret === undefined || clientSecret.reveal() === "") throw missing("client_secret");
  return { tokenUrl, clientId, clientSecret, scopes };
}
