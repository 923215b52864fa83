import { flagByName } from "./flags.ts";

/** The text of `-help`. */
export function helpText(): string {
  const rows = [...flagByName].map(([name, flag]) => {
    const left = `  -${name}${flag.value === undefined ? "" : ` ${flag.value}`}`;
    const later = flag.later !== undefined || flag.refused !== undefined ? "not available yet" : undefined;
    const preset = flag.default === undefined ? undefined : `default ${flag.default}`;
    const facts = [flag.environment, preset, later].filter((fact) => fact !== undefined);
    return `${left.padEnd(30)} ${flag.help}${facts.length === 0 ? "" : ` [${facts.join(", ")}]`}`;
  });
  return [
    "Usage: server [flags]",
    "       server validate [-strict] FILE...",
    "       server test [-run PATTERN] [-update] [-coverage] [-reporter FORM] [-output FILE] FILE...",
    "       server healthcheck [-mgmt-addr ADDRESS]",
    "       server version",
    "",
    "Runs the configuration given by -config; without one, the admin platform alone.",
    "",
    "Flags (also with two dashes, and with = before the value):",
    ...rows,
    "",
  ].join("\n");
}
