/** Words that are not written like others at the start of a label. */
const spellings: ReadonlyMap<string, string> = new Map(
  (
    "ACL AI API AWS CA CI CIDR CLI CORS CPU CSP DB DDL DLQ DNS DSN EKS GCS HMAC HSTS HTML HTTP HTTPS IAM ID IDs IP " +
    "IPs JQ JSON JWKS JWT KMS KV M2M NATS NoSQL OAuth2 OpenAPI OTEL PEM REST S3 SAML SPA SQL SQLite SSL TLS TTL UI " +
    "URI URL URLs UUID XML YAML"
  )
    .split(" ")
    .map((word) => [word.toLowerCase(), word]),
);

/** A name as people read it: `maxBodyBytes` → `Max body bytes`, `http.middleware.cors` → `HTTP middleware CORS`. */
export function labelOf(name: string): string {
  const words = name
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, "$1 $2")
    .split(/[\s._-]+/)
    .filter((word) => word !== "")
    .map((word) => {
      const lower = word.toLowerCase();
      return spellings.get(lower) ?? lower;
    });
  const [first, ...rest] = words;
  if (first === undefined) return "";
  return [first[0] === first[0]?.toLowerCase() ? capitalized(first) : first, ...rest].join(" ");
}

function capitalized(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}
