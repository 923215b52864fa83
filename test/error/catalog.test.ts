import { expect, test } from "bun:test";
import { catalog } from "../../src/error/catalog.ts";

test.each(Object.entries(catalog))("%s has a title, a status of HTTP and a retry class", (code, entry) => {
  expect(code).toMatch(/^[a-z]+\.[a-z_]+$/);
  expect(entry.title).toMatch(/^[A-Z].*\.$/);
  expect(entry.status).toBeWithin(400, 600);
  expect(["never", "backoff", "after"]).toContain(entry.retry);
});
