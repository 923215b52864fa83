/**
 * Resolves `//`, `.` and `..` in a URL path and keeps a trailing slash. Encoded characters are left as they are. The
 * result starts with one slash and never climbs above it.
 */
export function cleanPath(path: string): string {
  if (isClean(path)) return path;
  const kept: string[] = [];
  for (const segment of path.split("/")) {
    if (segment === "..") kept.pop();
    else if (segment !== "" && segment !== ".") kept.push(segment);
  }
  const cleaned = `/${kept.join("/")}`;
  return path.endsWith("/") && cleaned !== "/" ? `${cleaned}/` : cleaned;
}

/** Whether `cleanPath` would change nothing. The common answer costs two searches and no allocation. */
function isClean(path: string): boolean {
  if (path.charCodeAt(0) !== 0x2f || path.includes("//")) return false;
  return !path.includes("/.") || !/\/\.{1,2}(?:\/|$)/.test(path);
}

/**
 * Decodes what follows a static prefix in a raw, still encoded URL path to a relative file path without `.` or `..`,
 * with no slash at either end; "" is the root itself. Returns undefined for everything that could leave the root or
 * name something else than it shows: `..`, an encoded slash, backslashes, control characters, malformed encoding.
 */
export function relativeSafe(pathAfterPrefix: string): string | undefined {
  if (/%2f/i.test(pathAfterPrefix)) return undefined;
  const decoded = decodePath(pathAfterPrefix);
  if (decoded === undefined || /[\\\p{Cc}]/u.test(decoded)) return undefined;
  const segments = decoded.split("/").filter((segment) => segment !== "" && segment !== ".");
  return segments.includes("..") ? undefined : segments.join("/");
}

/** Percent-decodes a path, or returns undefined when the encoding is malformed or not UTF-8 (RFC 3986 §2.1). */
export function decodePath(path: string): string | undefined {
  if (!path.includes("%")) return path;
  try {
    return decodeURIComponent(path);
  } catch (malformed) {
    if (malformed instanceof URIError) return undefined;
    throw malformed;
  }
}
