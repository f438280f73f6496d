/** Query parameters, percent-decoded (what is not valid UTF-8 stays as sent); a repeated name has its values in order. */
export function parseQuery(text: string): Record<string, string | string[]> {
  const query: Record<string, string | string[]> = Object.create(null);
  for (const pair of text.split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = decode(equals < 0 ? pair : pair.slice(0, equals));
    const value = equals < 0 ? '' : decode(pair.slice(equals + 1));
    const before = query[name];
    if (before === undefined) query[name] = value;
    else if (typeof before === 'string') query[name] = [before, value];
    else before.push(value);
  }
  return { ...query };
}

/** Cookies of the Cookie fields (RFC 6265 §4.2.1); of a repeated name the first stands. */
export function parseCookies(headers: [string, string][]): Record<string, string> {
  const cookies: Record<string, string> = Object.create(null);
  for (const [name, value] of headers) {
    if (name.toLowerCase() !== 'cookie') continue;
    for (const pair of value.split(';')) {
      const equals = pair.indexOf('=');
      if (equals > 0) cookies[pair.slice(0, equals).trim()] ??= pair.slice(equals + 1).trim();
    }
  }
  return { ...cookies };
}

/** Cookies that the Set-Cookie fields set (RFC 6265 §4.1.1), without attributes; of a repeated name the last stands. */
export function parseSetCookies(headers: [string, string][]): Record<string, string> {
  const cookies: Record<string, string> = Object.create(null);
  for (const [name, value] of headers) {
    if (name.toLowerCase() !== 'set-cookie') continue;
    const pair = value.split(';', 1)[0] as string;
    const equals = pair.indexOf('=');
    if (equals > 0) cookies[pair.slice(0, equals).trim()] = pair.slice(equals + 1).trim();
  }
  return { ...cookies };
}

function decode(text: string): string {
  const spaced = text.replaceAll('+', ' ');
  if (!spaced.includes('%')) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch {
    return spaced;
  }
}
