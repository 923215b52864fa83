import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { loadConfigText } from "../../src/config/load.ts";
import { formatProblem } from "../../src/error/format.ts";
import { serve } from "../harness/server.ts";

const folder = import.meta.dir;
const names = readdirSync(folder).filter((name) => name.endsWith(".yaml"));

test.each(names)("%s has exactly the problems that are listed beside it", async (name) => {
  await using server = await serve("");
  const config = loadConfigText(readFileSync(join(folder, name), "utf8"), name, folder);
  const { errors, warnings } = await server.engine.check(config);
  const found = [
    ...errors.map((problem) => `error: ${formatProblem(problem)}\n`),
    ...warnings.map((problem) => `warning: ${formatProblem(problem)}\n`),
  ];
  expect(found.join("")).toBe(readFileSync(join(folder, name.replace(/\.yaml$/, ".txt")), "utf8"));
});
