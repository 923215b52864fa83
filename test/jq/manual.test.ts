import { expect, test } from "bun:test";
import { evaluate } from "./evaluate.ts";

interface Example {
  readonly program: string;
  readonly input: unknown;
  readonly outputs: readonly unknown[];
}

// The examples of the jq 1.7 manual, but for `env`, `$ENV` and those that need digits a JSON reader has already lost.
const examples: readonly Example[] = await Bun.file(`${import.meta.dir}/manual.json`).json();

test.each(examples.map((example) => [example.program, example] as const))("%s", (program, { input, outputs }) => {
  expect(evaluate(program, input)).toEqual([...outputs]);
});
