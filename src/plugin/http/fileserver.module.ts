import { defineModule } from "../../define/define.ts";
import { WorkflowError } from "../../error/error.ts";
import type { Exchange } from "../../port/exchange.ts";
import { Router, RouteRank } from "../../port/http.ts";
import { relativeSafe } from "../../route/clean.ts";
import { count, path, ref, Type } from "../../schema/field.ts";
import { FileRoot, type Found } from "./file_root.ts";
import { fileResponse } from "./file_response.ts";
import { textError } from "./text_error.ts";

/** Serves the files of a directory. */
export default defineModule({
  type: "static.fileserver",
  summary: "Serves the files of a directory, those whose name begins with a dot included.",
  category: "http",
  config: Type.Object({
    root: path({ description: "Directory with the files; created when it is missing.", base: "config" }),
    prefix: Type.String({ description: "Path under which the files appear.", default: "/" }),
    spaFallback: Type.Boolean({
      description: "Whether paths without a file are answered with the root's `index.html`, as pages with routes need.",
      default: false,
      "x-aliases": ["spa"],
    }),
    cacheMaxAge: count({ description: "Seconds for which clients may keep a file.", default: 3600, minimum: 1 }),
    router: ref(Router, {
      description: "Router for the files; found through `dependsOn` when it is not named.",
      fallback: "affinity",
    }),
  }),
  create({ name, at }, { root, prefix, spaFallback, cacheMaxAge, router }) {
    let files: FileRoot | undefined;
    const segments = prefix.split("/").filter((segment) => segment !== "");
    const base = segments.map((segment) => `/${segment}`).join("");
    const depth = segments.length + 1;
    const headers = { "x-content-type-options": "nosniff", "cache-control": `public, max-age=${cacheMaxAge}` };
    const handle = async (exchange: Exchange): Promise<Response> => {
      if (files === undefined) throw new WorkflowError("internal.invariant", "files are served after the start");
      const relative = relativeSafe(restOf(exchange.path, depth));
      if (relative === undefined) return textError(403, "Forbidden", headers);
      const found = await findServed(files, relative, exchange.path, spaFallback);
      if (found === "forbidden") return textError(403, "Forbidden", headers);
      if (typeof found === "string") return textError(404, "404 page not found", headers);
      if (exchange.path.endsWith("/index.html")) return toDirectory(exchange);
      return fileResponse(found, exchange, headers);
    };
    const source = `files of ${name}`;
    router.add({ method: "GET", path: `${base}/{path...}`, handle, rank: RouteRank.files, at, source });
    return {
      start: async () => {
        files = await FileRoot.open(root);
      },
    };
  },
});

/** What follows the prefix in a path that is still percent-encoded. */
function restOf(path: string, depth: number): string {
  let start = 0;
  for (let count = 0; count < depth; count++) {
    start = path.indexOf("/", start) + 1;
    if (start === 0) return "";
  }
  return path.slice(start);
}

/** The file for a path: itself, the index of a directory, or the page that knows the routes. */
async function findServed(files: FileRoot, relative: string, path: string, spaFallback: boolean): Promise<Found> {
  let found = await files.find(relative);
  if (found === "directory") found = await files.find(`${relative}/index.html`);
  // With a slash at its end, a path means a directory.
  else if (typeof found !== "string" && path.endsWith("/")) found = "missing";
  if (spaFallback && (found === "missing" || found === "directory")) found = await files.find("index.html");
  return found;
}

/** One address for each page: `/docs/index.html` is `/docs/`. */
function toDirectory({ search }: Exchange): Response {
  return new Response(null, { status: 301, headers: { location: `./${search}` } });
}
