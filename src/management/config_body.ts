import type { Config } from "../config/config.ts";
import { loadConfigText } from "../config/load.ts";
import { configBytesMax } from "../config/parse.ts";
import { WorkflowError } from "../error/error.ts";
import { isPlainMap } from "../json/map.ts";
import { parseJson } from "../json/parse.ts";
import type { Exchange } from "../port/exchange.ts";

/** A configuration that was sent, with the text it was sent as. */
export interface SentConfig {
  readonly config: Config;
  readonly text: string;
}

const yamlTypes = new Set(["application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml"]);

/**
 * Reads a configuration from a request body: YAML by its content type; JSON as the configuration itself, as
 * `{"config": object or YAML text}` or as `{"config_yaml": "…"}`; anything else by its first character.
 * Undefined for an empty body. Throws 400 when it cannot be parsed, 413 when it is too large.
 */
export async function readConfigBody(exchange: Exchange, configDir: string): Promise<SentConfig | undefined> {
  const announced = Number(exchange.headers.get("content-length") ?? "0");
  if (announced > configBytesMax) throw tooLarge();
  const sent = await exchange.text();
  if (sent.length > configBytesMax) throw tooLarge();
  if (sent.trim() === "") return undefined;
  const text = textOf(sent, exchange.headers.get("content-type") ?? "");
  return { config: loadConfigText(text, "request", configDir), text };
}

function tooLarge(): WorkflowError {
  return new WorkflowError("config.too_large", `a configuration may have ${configBytesMax / 1024 / 1024} MiB`);
}

function textOf(sent: string, contentType: string): string {
  const type = contentType.split(";")[0]?.trim().toLowerCase() ?? "";
  if (yamlTypes.has(type)) return sent;
  if (type !== "application/json" && sent.trimStart()[0] !== "{") return sent;
  const value = parseJson(sent);
  if (!isPlainMap(value)) throw new WorkflowError("http.bad_json", "the configuration must be a JSON object");
  if (typeof value.config_yaml === "string") return value.config_yaml;
  if (typeof value.config === "string") return value.config;
  // JSON is YAML: the object keeps its own positions.
  return isPlainMap(value.config) ? JSON.stringify(value.config) : sent;
}
