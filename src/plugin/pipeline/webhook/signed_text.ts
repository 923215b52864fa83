import { compareUtf8 } from "../../../json/key_order.ts";
import type { Exchange } from "../../../port/exchange.ts";

/** What the sender signed in place of the body. */
export interface SignedUrlOptions {
  /** Takes scheme and host from the forwarding headers of a proxy. */
  readonly isForwarded: boolean;
}

/**
 * The URL followed by each form field's name and values, fields in the order of their names. Undefined for a body that
 * is no form: the signature would not cover it.
 */
export async function urlWithForm(exchange: Exchange, options: SignedUrlOptions): Promise<string | undefined> {
  const url = publicUrl(exchange, options);
  if (!exchange.hasBody) return url;
  const type = exchange.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (type !== "application/x-www-form-urlencoded") return undefined;
  const form = new URLSearchParams(await exchange.text());
  const names = [...new Set(form.keys())].sort(compareUtf8);
  return url + names.map((name) => name + form.getAll(name).join("")).join("");
}

function publicUrl({ headers, connection, path, search }: Exchange, { isForwarded }: SignedUrlOptions): string {
  const forwarded = (name: string) => (isForwarded ? firstValue(headers.get(name)) : undefined);
  const scheme = forwarded("x-forwarded-proto") ?? (connection.isSecure ? "https" : "http");
  const host = forwarded("x-forwarded-host") ?? headers.get("host") ?? "";
  return `${scheme}://${host}${path}${search}`;
}

/** Each proxy appends to the list: the first value is what the client asked for. */
function firstValue(list: string | null): string | undefined {
  const first = list?.split(",")[0]?.trim();
  return first === "" ? undefined : first;
}
