const letterOrDigit = /^[\p{L}\p{Nd}]$/u;

/** Whether the character at an index may be part of a name: a letter, a digit or `_`. */
export function isNameCharacter(text: string, index: number): boolean {
  const code = text.charCodeAt(index);
  if (code < 0x80) return isDigit(code) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 95;
  return index < text.length && letterOrDigit.test(characterAt(text, index));
}

/** Whether a name may begin at an index: like a name character, but no ASCII digit. */
export function isNameStart(text: string, index: number): boolean {
  return isNameCharacter(text, index) && !isDigit(text.charCodeAt(index));
}

/** Whether a character code is an ASCII digit. */
export function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** Whether the character at an index is white space of the template language. */
export function isSpace(text: string, index: number): boolean {
  const code = text.charCodeAt(index);
  return code === 32 || code === 9 || code === 10 || code === 13;
}

/** The whole character at an index, also when it takes two code units. */
export function characterAt(text: string, index: number): string {
  return String.fromCodePoint(text.codePointAt(index) ?? 0xfffd);
}

/** Names a character for a message: `U+002D '-'`. */
export function describeCharacter(text: string, index: number): string {
  const character = characterAt(text, index);
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
  return `U+${code} '${character}'`;
}

/** The text without white space at its end. */
export function trimSpaceEnd(text: string): string {
  let end = text.length;
  while (end > 0 && isSpace(text, end - 1)) end--;
  return text.slice(0, end);
}
