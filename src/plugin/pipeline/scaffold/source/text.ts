/** A value as JavaScript source that can also stand in an HTML page. */
export function literal(value: unknown): string {
  const escaped = JSON.stringify(value)
    .replaceAll("<", "\\u003c")
    .replaceAll("\u2028", "\\u2028")
    .replaceAll("\u2029", "\\u2029");
  return escaped;
}

/** A text as the content of an HTML element or attribute. */
export function html(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

/** The parts that are wanted, each as its own lines. */
export function lines(...parts: readonly (string | false)[]): string {
  return parts.filter((part) => part !== false).join("\n");
}
