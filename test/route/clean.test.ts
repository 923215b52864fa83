import { describe, expect, test } from "bun:test";
import { cleanPath, decodePath, relativeSafe } from "../../src/route/clean.ts";

describe("clean paths", () => {
  test.each([
    ["", "/"],
    ["/", "/"],
    ["a", "/a"],
    ["/a/b", "/a/b"],
    ["/a/b/", "/a/b/"],
    ["//a", "/a"],
    ["/a//b", "/a/b"],
    ["/a//", "/a/"],
    ["//", "/"],
    ["/./a", "/a"],
    ["/a/./b", "/a/b"],
    ["/a/.", "/a"],
    ["/a/./", "/a/"],
    ["/a/../b", "/b"],
    ["/a/..", "/"],
    ["/a/b/..", "/a"],
    ["/a/b/../", "/a/"],
    ["/..", "/"],
    ["/../../a", "/a"],
    ["/.well-known/x", "/.well-known/x"],
    ["/a/...", "/a/..."],
    ["/a/..b/.c.", "/a/..b/.c."],
    ["/%2e%2e/a", "/%2e%2e/a"],
  ])("%p becomes %p", (path, cleaned) => expect(cleanPath(path)).toBe(cleaned));
});

describe("relative file paths", () => {
  test.each([
    ["", ""],
    ["/", ""],
    ["/index.html", "index.html"],
    ["css/site.css", "css/site.css"],
    ["/css/", "css"],
    ["/a//b", "a/b"],
    ["/a/./b", "a/b"],
    ["/a%20b.txt", "a b.txt"],
    ["/caf%C3%A9", "café"],
    ["/100%25.txt", "100%.txt"],
    ["/%252e%252e/x", "%2e%2e/x"],
    ["/...", "..."],
    ["/..a/b..", "..a/b.."],
    ["/.hidden", ".hidden"],
  ])("%p is the file %p", (path, file) => expect(relativeSafe(path)).toBe(file));

  test.each([
    ["/.."],
    ["/../etc/passwd"],
    ["/a/../../etc/passwd"],
    ["/a/.."],
    [".."],
    ["/%2e%2e/etc/passwd"],
    ["/%2E%2e/etc/passwd"],
    ["/.%2e/etc/passwd"],
    ["/a/%2e%2e"],
    ["/..%2fetc/passwd"],
    ["/a%2Fb"],
    ["/..%5cetc"],
    ["/a%5Cb"],
    ["/a\\b"],
    ["/..\\etc"],
    ["/a%00.txt"],
    ["/a\u0000.txt"],
    ["/a%0d%0ab"],
    ["/a%7f"],
    ["/%"],
    ["/%zz"],
    ["/%ff"],
    ["/%c0%ae%c0%ae/etc/passwd"],
  ])("%p is refused", (path) => expect(relativeSafe(path)).toBeUndefined());
});

describe("decoding", () => {
  test.each<[string, string | undefined]>([
    ["/plain", "/plain"],
    ["/a%2fb", "/a/b"],
    ["/a+b", "/a+b"],
    ["/%E2%82%AC", "/€"],
    ["/%E2%82", undefined],
    ["/50%", undefined],
    ["/%g0", undefined],
  ])("%p is %p", (path, decoded) => expect(decodePath(path)).toBe(decoded));
});
