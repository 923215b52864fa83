import { expect, test } from "bun:test";
import { sniffMediaType } from "../../../../src/plugin/pipeline/media/sniff.ts";

test.each([
  ["", "text/plain"],
  ["plain words", "text/plain"],
  ["a\x00b", "application/octet-stream"],
  ["a\x1bb", "text/plain"],
  [" \n<!DOCTYPE html>", "text/html"],
  ["<a href>", "text/html"],
  ["<abbr>", "text/plain"],
  ["<!-- note", "text/html"],
  ["\t<?xml version", "text/xml"],
  ["%PDF-1.7", "application/pdf"],
  ["\xef\xbb\xbfhi", "text/plain"],
  ["\x00\x00\x01\x00", "image/x-icon"],
  ["BMx", "image/bmp"],
  ["GIF89a", "image/gif"],
  ["GIF88a", "text/plain"],
  ["RIFF\x01\x02\x03\x04WEBPVP8 ", "image/webp"],
  ["RIFF\x01\x02\x03\x04WAVEfmt ", "audio/wave"],
  ["RIFF\x01\x02\x03\x04NOPE", "application/octet-stream"],
  ["\xff\xd8\xff\xe0", "image/jpeg"],
  ["ID3\x04", "audio/mpeg"],
  ["OggS\x00", "application/ogg"],
  ["\x1aE\xdf\xa3", "video/webm"],
  ["\x00\x00\x00\x14ftypmp42\x00\x00\x00\x00mp42", "video/mp4"],
  ["\x00\x00\x00\x14ftypisom\x00\x00\x00\x00mp41", "video/mp4"],
  ["\x00\x00\x00\x14ftypqt  \x00\x00\x00\x00qt  ", "application/octet-stream"],
  ["\x00\x00\x00\xffftypmp42", "application/octet-stream"],
  ["\x1f\x8b\x08\x00", "application/x-gzip"],
  ["PK\x03\x04", "application/zip"],
  ["wOF2", "font/woff2"],
])("%j is %s", (bytes, type) => expect(sniffMediaType(Buffer.from(bytes, "latin1"))).toBe(type));

test("only the first 512 bytes are looked at", () => {
  expect(sniffMediaType(Buffer.from(`${"a".repeat(511)}\x00`, "latin1"))).toBe("application/octet-stream");
  expect(sniffMediaType(Buffer.from(`${"a".repeat(512)}\x00`, "latin1"))).toBe("text/plain");
});
