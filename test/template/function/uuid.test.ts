import { expect, test } from "bun:test";
import uuid from "../../../src/template/function/uuid.ts";
import { errorOf, render } from "../fixture.ts";

test("makes a random identifier each time", () => {
  const [first, second] = render("{{ uuid }} {{ uuid }}").split(" ");
  expect(first).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(second).not.toBe(first);
});

test("takes its identifiers from the options when they have a source", () => {
  expect(render("{{ uuid }}", {}, { uuid: () => "fixed" })).toBe("fixed");
});

test("takes no argument", () => {
  expect(uuid.parameters).toEqual([]);
  expect(errorOf("{{ uuid 1 }}")).toContain("wrong number of args for uuid: want 0 got 1");
});
