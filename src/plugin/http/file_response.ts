import type { Exchange } from "../../port/exchange.ts";
import { parseByteRange } from "./byte_range.ts";
import type { FoundFile } from "./file_root.ts";
import { checkPreconditions, rangeApplies } from "./precondition.ts";

/** The answer with a file, or with the part that was asked for, or with what the request's conditions say instead. */
export function fileResponse(
  { path, sizeBytes, modifiedMs }: FoundFile,
  exchange: Exchange,
  shared: Readonly<Record<string, string>>,
): Response {
  const modifiedS = Math.floor(modifiedMs / 1000);
  const etag = `"${Math.floor(modifiedMs * 1000).toString(36)}-${sizeBytes.toString(36)}"`;
  const headers = {
    ...shared,
    etag,
    "last-modified": new Date(modifiedS * 1000).toUTCString(),
    "accept-ranges": "bytes",
  };
  const current = { etag, modifiedS };
  switch (checkPreconditions(exchange.headers, current)) {
    case "failed":
      return new Response(null, { status: 412, headers });
    case "not_modified":
      return new Response(null, { status: 304, headers });
    case "go_on":
      break;
  }
  const file = Bun.file(path);
  const header = exchange.method === "GET" ? exchange.headers.get("range") : null;
  if (header === null) return new Response(file, { headers });
  const range = rangeApplies(exchange.headers, current) ? parseByteRange(header, sizeBytes) : undefined;
  if (range === undefined) return wholeFile(file, headers);
  if (range === "unsatisfiable") {
    return new Response(null, { status: 416, headers: { ...headers, "content-range": `bytes */${sizeBytes}` } });
  }
  const part = file.slice(range.first, range.last + 1);
  const place = `bytes ${range.first}-${range.last}/${sizeBytes}`;
  return new Response(part, {
    status: 206,
    headers: { ...headers, "content-range": place, "content-type": file.type },
  });
}

/** The runtime cuts files by the request's `Range` itself, also when it does not apply, but not other streams. */
function wholeFile(file: Bun.BunFile, headers: Readonly<Record<string, string>>): Response {
  const stream = file.stream().pipeThrough(new TransformStream());
  return new Response(stream, { headers: { ...headers, "content-type": file.type } });
}
