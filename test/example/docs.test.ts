import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { root } from "../../script/repository.ts";
import { flagByName } from "../../src/cli/flags.ts";
import { PrometheusMetrics } from "../../src/service/telemetry/metrics.ts";
import { check } from "../harness/server.ts";

/** A block of YAML in a page of the guide. */
interface Block {
  readonly page: string;
  readonly line: number;
  /** What stands behind `yaml`: `complete`, `steps`, or `file=<name>`. */
  readonly kind: string;
  readonly text: string;
}

const pages = [...new Bun.Glob("docs/guide/*.md").scanSync(root)].sort();
const blocks = (await Promise.all(pages.map(blocksOf))).flat();

async function blocksOf(page: string): Promise<readonly Block[]> {
  const text = await Bun.file(join(root, page)).text();
  return [...text.matchAll(/^```yaml *(.*)\n([^]*?)^```$/gm)].map((match) => {
    const line = text.slice(0, match.index).split("\n").length;
    return { page, line, kind: match[1] ?? "", text: match[2] ?? "" };
  });
}

/** Steps in a server that has a cache. */
function framed(steps: string): string {
  const indented = steps.replaceAll(/^(?=.)/gm, "      ");
  return `modules:
  - { name: server, type: http.server }
  - { name: router, type: http.router, dependsOn: [server] }
  - { name: cache, type: cache.modular }
pipelines:
  shown:
    steps:
${indented}`;
}

/** The files that a page shows, for the configurations that name them. */
function filesOf(page: string): Record<string, string> {
  const files = blocks.filter((block) => block.page === page && block.kind.startsWith("file="));
  return Object.fromEntries(files.map(({ kind, text }) => [kind.slice("file=".length), text]));
}

test("the guide has configurations to check", () => {
  expect(blocks.length).toBeGreaterThan(15);
});

describe("every YAML block of the guide is valid, without a warning", () => {
  for (const { page, line, kind, text } of blocks) {
    test(`${page}:${line}`, async () => {
      expect(kind).toMatch(/^(complete|steps|file=\S+)$/);
      const yaml = kind === "steps" ? framed(text) : text;
      const { errors, warnings } = await check(yaml, { files: filesOf(page) });
      expect(errors).toEqual([]);
      // A part of a configuration has no need of something that starts it.
      const isPart = kind.startsWith("file=");
      expect(warnings.filter((warning) => !isPart || !warning.includes("no entry points"))).toEqual([]);
    });
  }
});

describe("every link of the guide leads somewhere", () => {
  for (const page of pages) {
    test(page, async () => {
      const text = await Bun.file(join(root, page)).text();
      const targets = [...text.matchAll(/\]\((?!https?:)([^)]+)\)/g)].map((match) => match[1] ?? "");
      const broken: string[] = [];
      for (const target of targets) {
        const [path = "", anchor] = target.split("#");
        const file = Bun.file(path === "" ? join(root, page) : join(root, page, "..", path));
        const isThere = (await file.exists()) && (anchor === undefined || headings(await file.text()).includes(anchor));
        if (!isThere) broken.push(target);
      }
      expect(broken).toEqual([]);
    });
  }
});

test("every metric of the program is on the page of metrics", async () => {
  const names = new Set<string>();
  for (const [, name = ""] of (await new PrometheusMetrics().expose()).matchAll(/^# HELP (\S+)/gm)) names.add(name);
  for (const file of new Bun.Glob("src/**/*.ts").scanSync(root)) {
    const text = await Bun.file(join(root, file)).text();
    for (const [, name = ""] of text.matchAll(/\.(?:gauge|counter)\(\s*"(\w+)"/g)) names.add(name);
  }
  const own = [...names].filter((name) => !/^(process|nodejs)_/.test(name));
  expect(own).toContain("workflow_queue_depth");
  const page = await Bun.file(join(root, "docs/guide/metrics.md")).text();
  expect(own.filter((name) => !page.includes(`| \`${name}\` |`))).toEqual([]);
});

test("every flag that has an effect is on the page of operations", async () => {
  const available = [...flagByName]
    .filter(([, flag]) => flag.later === undefined && flag.refused === undefined)
    .map(([name]) => name);
  expect(available).toContain("config");
  const page = await Bun.file(join(root, "docs/guide/operations.md")).text();
  expect(available.filter((name) => !page.includes(`-${name}\``) && !page.includes(`-${name} `))).toEqual([]);
});

/** Anchors of a page's headings, as GitHub makes them. */
function headings(text: string): string[] {
  const titles = [...text.matchAll(/^#+ (.*)$/gm)].map((match) => match[1] ?? "");
  return titles.map((title) =>
    title
      .toLowerCase()
      .replaceAll(/[^\w\s.-]/g, "")
      .replaceAll(".", "")
      .replaceAll(" ", "-"),
  );
}
