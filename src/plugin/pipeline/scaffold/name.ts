/** Names are cut to this before they are read: they come from outside and are used many times. */
const nameLengthMax = 100;

/** The words of a name in any style, in lower case: `userID_list` has `user`, `id` and `list`. ASCII only. */
export function wordsOf(name: string): readonly string[] {
  const plain = name
    .slice(0, nameLengthMax)
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "");
  const words = plain.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+/g) ?? [];
  return words.map((word) => word.toLowerCase());
}

/** `UserId` for `user_id`; the other name when nothing of it can stand in an identifier. */
export function pascalName(name: string, otherwise: string): string {
  const joined = wordsOf(name).map(capital).join("");
  if (joined === "") return otherwise;
  return /^\d/.test(joined) ? otherwise + joined : joined;
}

/** `userId` for `user_id`. */
export function camelName(name: string, otherwise: string): string {
  const pascal = pascalName(name, capital(otherwise));
  return pascal.slice(0, 1).toLowerCase() + pascal.slice(1);
}

/** `First Name` for `first_name`; the name itself when it has no ASCII words. */
export function labelOf(name: string): string {
  const words = wordsOf(name);
  return words.length === 0 ? name : words.map(capital).join(" ");
}

/** `user-admin` for `User Admin`. */
export function slugOf(name: string, otherwise: string): string {
  const slug = wordsOf(name).join("-");
  return slug === "" ? otherwise : slug;
}

/** The name, or with a number when another has it already in upper or lower case; files may not tell them apart. */
export function uniqueName(name: string, taken: Set<string>): string {
  let unique = name;
  for (let number = 2; taken.has(unique.toLowerCase()); number++) unique = `${name}${number}`;
  taken.add(unique.toLowerCase());
  return unique;
}

/** The singular of a regular English plural. */
export function singularOf(name: string): string {
  if (/ies$/i.test(name)) return `${name.slice(0, -3)}y`;
  if (/(ss|sh|ch|x|z)es$/i.test(name)) return name.slice(0, -2);
  return /[^s]s$/i.test(name) && !/(us|is|news)$/i.test(name) ? name.slice(0, -1) : name;
}

function capital(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}
