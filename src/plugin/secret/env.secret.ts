import { defineSecretProvider } from "../../define/define.ts";

/** Environment variables. The exact name wins over `db.password` read as `DB_PASSWORD`; `NAME:-text` has a default. */
export default defineSecretProvider({
  scheme: "env",
  summary: "Environment variables: ${NAME}, ${env:NAME}, ${NAME:-default}.",
  open(environment) {
    const lookUp = (name: string) => environment[name] ?? environment[name.toUpperCase().replaceAll(".", "_")];
    return {
      async fetch(key) {
        const withDefault = /^([A-Za-z_][A-Za-z0-9_.]*):-([\s\S]*)$/.exec(key);
        if (withDefault === null) return lookUp(key);
        const value = lookUp(withDefault[1] ?? "");
        return value === undefined || value === "" ? (withDefault[2] ?? "") : value;
      },
    };
  },
});
