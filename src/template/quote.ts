const shortEscapes: ReadonlyMap<string, string> = new Map([
  ["\x07", "\\a"],
  ["\b", "\\b"],
  ["\f", "\\f"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
  ["\v", "\\v"],
  ["\\", "\\\\"],
]);

const printable = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

/** Writes text as a Go string literal in double quotes, as `%q` does. */
export function quoteText(text: string): string {
  return quoteWith('"', text);
}

/** Writes one character as a Go character literal in single quotes. */
export function quoteCharacter(character: string): string {
  return quoteWith("'", character);
}

/** Whether a character is shown as itself in a quoted text. */
export function isPrintable(character: string): boolean {
  return printable.test(character);
}

function quoteWith(quote: string, text: string): string {
  let result = quote;
  for (const character of text.toWellFormed()) {
    if (character === quote) result += `\\${quote}`;
    else result += shortEscapes.get(character) ?? (isPrintable(character) ? character : escapeCode(character));
  }
  return result + quote;
}

function escapeCode(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const digits = code.toString(16);
  if (code < 0x80) return `\\x${digits.padStart(2, "0")}`;
  return code <= 0xffff ? `\\u${digits.padStart(4, "0")}` : `\\U${digits.padStart(8, "0")}`;
}
