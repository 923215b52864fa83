/** A header name with each word capitalised, the way users write it in templates: `Content-Type`. */
export function canonicalHeaderName(name: string): string {
  return name
    .split("-")
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1).toLowerCase())
    .join("-");
}

/**
 * Headers as a map without a prototype, under their canonical names. Values of a repeated header are joined with commas
 * (RFC 9110 §5.3); `Set-Cookie` is a list when it is repeated, since its values hold commas.
 */
export function headerMap(headers: Headers): Record<string, unknown> {
  const map: Record<string, unknown> = Object.create(null);
  for (const [name, value] of headers) if (name !== "set-cookie") map[canonicalHeaderName(name)] = value;
  const cookies = headers.getSetCookie();
  if (cookies.length > 0) map["Set-Cookie"] = cookies.length === 1 ? cookies[0] : cookies;
  return map;
}

/** The same, with the lower-case names readable too; they are not enumerable, so that no header is printed twice. */
export function readableHeaderMap(headers: Headers): Record<string, unknown> {
  const map = headerMap(headers);
  for (const name of Object.keys(map)) {
    const lower = name.toLowerCase();
    if (lower !== name) Object.defineProperty(map, lower, { value: map[name], enumerable: false });
  }
  return map;
}
