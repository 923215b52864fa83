import { expect, test } from "bun:test";
import { render } from "../fixture.ts";

test("is uuid under another name", () => {
  expect(render("{{ uuidv4 }}", {}, { uuid: () => "fixed" })).toBe("fixed");
});
