import { expect, test } from "bun:test";
import { labelOf } from "../../src/schema/label.ts";

test.each([
  ["maxBodyBytes", "Max body bytes"],
  ["http.middleware.cors", "HTTP middleware CORS"],
  ["json_response", "JSON response"],
  ["webhookURL", "Webhook URL"],
  ["storage.s3", "Storage S3"],
  ["auth.oauth2", "Auth OAuth2"],
  ["instanceTTL", "Instance TTL"],
  ["database-dsn", "Database DSN"],
  ["constructor", "Constructor"],
  ["a", "A"],
  ["", ""],
])("%s is shown as %p", (name, label) => {
  expect(labelOf(name)).toBe(label);
});
