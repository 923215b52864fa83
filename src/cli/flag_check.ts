import { messageOf, WorkflowError } from "../error/error.ts";
import type { LogFormat, LogLevel } from "../log/logger.ts";
import { addressMatcher, parseListenAddress } from "../net/address.ts";
import { flagByName, type FlagName } from "./flags.ts";
import { type Settings, usage } from "./settings.ts";

/** Bytes of a secret for HMAC-SHA-256, at least the size of its hash (RFC 7518 §3.2). */
const secretBytesMin = 32;

/** What the log is to look like. Throws `cli.usage` for other words. */
export function logSettings(settings: Settings): { readonly level: LogLevel; readonly format: LogFormat } {
  return {
    level: oneOf<LogLevel>(settings, "log-level", ["debug", "info", "warn", "error"]),
    format: oneOf<LogFormat>(settings, "log-format", ["text", "json"]),
  };
}

function oneOf<T extends string>(settings: Settings, name: FlagName, words: readonly T[]): T {
  const text = settings.text(name) ?? "";
  const word = words.find((candidate) => candidate === text.toLowerCase());
  if (word !== undefined) return word;
  throw usage(`-${name} must be one of ${words.join(", ")}, got "${text}"`);
}

/** Checks values that only the server's flags have. Throws `cli.usage`, or what says why a flag is refused. */
export function checkFlags(settings: Settings): void {
  for (const name of ["addr", "mgmt-addr", "metrics-addr"] as const) {
    const text = settings.text(name);
    if (text !== undefined) understood(name, () => parseListenAddress(text));
  }
  understood("trusted-proxies", () => addressMatcher(settings.text("trusted-proxies") ?? ""));
  for (const name of settings.given) {
    const refused = flagByName.get(name)?.refused;
    if (refused === undefined) continue;
    const text = `flag -${name} is not available yet: ${refused}`;
    throw new WorkflowError("cli.unavailable", text, { hint: `start without ${nameOf(name)}` });
  }
  checkSecret(settings.text("jwt-secret"));
}

function understood(name: FlagName, read: () => unknown): void {
  try {
    read();
  } catch (error) {
    throw usage(`-${name}: ${messageOf(error)}`, error instanceof WorkflowError ? error.hint : undefined);
  }
}

function checkSecret(secret: string | undefined): void {
  const size = Buffer.byteLength(secret ?? "");
  if (secret === undefined || size >= secretBytesMin) return;
  const text = `-jwt-secret has ${size} bytes, at least ${secretBytesMin} are needed`;
  throw new WorkflowError("cli.weak_secret", text, { hint: "make one with: openssl rand -base64 32" });
}

/** What the given flags will not do, one sentence each. */
export function flagWarnings(settings: Settings, facts: { readonly hasServer: boolean }): readonly string[] {
  const warnings = settings.given.flatMap((name) => {
    const later = flagByName.get(name)?.later;
    return later === undefined ? [] : [`flag -${name} has no effect in this version: ${later}`];
  });
  if (settings.isSet("watch") && settings.text("config") === undefined) {
    warnings.push("flag -watch has no effect: there is no -config file to watch");
  }
  if (settings.isGiven("addr") && !facts.hasServer) {
    warnings.push("flag -addr has no effect: the configuration has no http.server");
  }
  return warnings;
}

function nameOf(flag: string): string {
  const variable = flagByName.get(flag)?.environment;
  return variable === undefined ? `-${flag}` : `-${flag} and ${variable}`;
}
