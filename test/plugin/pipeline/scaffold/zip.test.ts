import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zipOf } from "../../../../src/plugin/pipeline/scaffold/zip.ts";
import { unzip } from "./fixture.ts";

const files = [
  { path: "a.txt", text: "hello" },
  { path: "folder/ü.txt", text: "€".repeat(10_000) },
  { path: "empty", text: "" },
];

test("the files come out as they went in, long ones smaller", () => {
  const archive = zipOf(files);
  expect([...unzip(archive)]).toEqual([
    ["a.txt", "hello"],
    ["folder/ü.txt", "€".repeat(10_000)],
    ["empty", ""],
  ]);
  expect(archive.length).toBeLessThan(1000);
});

test("the bytes are those of the format", () => {
  // Local header, directory entry and end record for the one file `a` with the text `a`, whose CRC-32 is e8b7be43.
  expect(Buffer.from(zipOf([{ path: "a", text: "a" }])).toString("hex")).toBe(
    "504b030414000008080000002100" +
      "43beb7e8" +
      "0300000001000000" +
      "0100000061" +
      "4b0400" +
      "504b01021400140000080800000021004" +
      "3beb7e80300000001000000010000000000000000000000000000000000" +
      "61" +
      "504b05060000000001000100" +
      "2f00000022000000" +
      "0000",
  );
});

const python = Bun.which("python3") ?? "";

test.skipIf(python === "")("another program reads it", async () => {
  const folder = mkdtempSync(join(tmpdir(), "workflow-zip-"));
  try {
    writeFileSync(join(folder, "x.zip"), zipOf(files));
    const script = "import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); print(z.testzip(), z.namelist())";
    const child = Bun.spawn([python, "-c", script, join(folder, "x.zip")], { stdout: "pipe" });
    expect(await new Response(child.stdout).text()).toBe("None ['a.txt', 'folder/ü.txt', 'empty']\n");
  } finally {
    rmSync(folder, { recursive: true });
  }
});
