import { type FSWatcher, watch } from "node:fs";
import { dirname } from "node:path";
import type { Config } from "../config/config.ts";
import { loadConfigFile } from "../config/load.ts";
import { asWorkflowError } from "../error/error.ts";
import { formatFailure, formatProblem } from "../error/format.ts";
import type { Logger } from "../log/logger.ts";
import type { Scope } from "../scope/scope.ts";
import type { Engine } from "./engine.ts";

/** Editors write a file in several steps; a reload waits until it has been quiet this long, in milliseconds. */
const quietMs = 500;

/**
 * Reloads when the configuration file or a file it imports changes its content, until the scope closes. Directories are
 * watched, not files, since editors and Kubernetes replace files by renaming.
 */
export function watchFiles(engine: Engine, configFile: string, log: Logger, scope: Scope): void {
  const watchers = new Map<string, FSWatcher>();
  let lastTexts = textsOf(engine.config);
  let cancel = () => {};
  const schedule = () => {
    cancel();
    cancel = scope.after("reload", quietMs, reload);
  };
  const follow = (config: Config | undefined) => {
    for (const directory of new Set(config?.files.map((file) => dirname(file.path)) ?? [])) {
      if (!watchers.has(directory)) watchers.set(directory, watch(directory, { persistent: false }, schedule));
    }
  };
  const reload = async () => {
    const config = load();
    const texts = textsOf(config);
    if (config === undefined || texts === lastTexts) return;
    lastTexts = texts;
    log.info("Config file changed, reloading", { file: configFile });
    // Also of a configuration that fails: the mistake may be in a file that it newly imports.
    follow(config);
    try {
      const { warnings } = await engine.apply(config);
      for (const warning of warnings) log.warn(formatProblem(warning));
    } catch (error) {
      // The engine has logged what is wrong with the configuration; the old one goes on.
      log.debug("Config file not applied", { error: asWorkflowError(error).code });
    }
  };
  const load = (): Config | undefined => {
    try {
      return loadConfigFile(configFile);
    } catch (error) {
      log.error("Config reload failed", { error: formatFailure(asWorkflowError(error)) });
      return undefined;
    }
  };
  follow(engine.config);
  scope.defer("watchers", () => {
    for (const watcher of watchers.values()) watcher.close();
  });
  log.info("Config file watcher started", { file: configFile });
  // A change between reading the file and watching it would go unnoticed.
  schedule();
}

function textsOf(config: Config | undefined): string {
  return JSON.stringify(config?.files ?? []);
}
