/** Headers that a backend needs to answer at all, and those that say where a request comes from. */
const always =
  /^(?:host|accept(-.*)?|content-.*|if-.*|range|user-agent|cache-control|(x-)?forwarded(-.*)?|trace(parent|state))$/;

/** An edit of request headers that keeps the listed ones and those without which requests lose their meaning. */
export function passHeaders(names: readonly string[]): (headers: Headers) => void {
  const listed = new Set(names.map((name) => name.toLowerCase()));
  return (headers) => {
    const dropped = Array.from(headers.keys()).filter((name) => !listed.has(name) && !always.test(name));
    for (const name of dropped) headers.delete(name);
  };
}
