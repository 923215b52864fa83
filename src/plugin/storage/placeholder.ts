// Text, quoted names, comments and PostgreSQL's dollar quotes: in them nothing is a placeholder.
const quoted =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|--[^\n]*|\/\*[\s\S]*?\*\/|\$([A-Za-z_]\w*)?\$[\s\S]*?\$\1\$/;
const dollarOrQuoted = new RegExp(`${quoted.source}|\\$(\\d+)`, "g");
const questionOrQuoted = new RegExp(`${quoted.source.replace(String.raw`|\[[^\]]*\]`, "")}|(\\?)`, "g");

/** Writes `$2` as `?2`, the form whose numbers SQLite follows. */
export function numberedPlaceholders(sql: string): string {
  if (!sql.includes("$")) return sql;
  return sql.replaceAll(dollarOrQuoted, (whole, _tag, number: string | undefined) =>
    number === undefined ? whole : `?${number}`,
  );
}

/** Writes each `?` as `$1`, `$2`, … in the order they come, for PostgreSQL, where `?` is an operator otherwise. */
export function dollarPlaceholders(sql: string): string {
  let count = 0;
  return sql.replaceAll(questionOrQuoted, (whole, _tag, question: string | undefined) =>
    question === undefined ? whole : `$${++count}`,
  );
}
