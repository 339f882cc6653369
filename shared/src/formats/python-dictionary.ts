/** What begins a dictionary as Python prints it, with an assignment before it or none: names in single quotes. */
const BEGIN = /^\s*(?:[A-Za-z_]\w*\s*=\s*)?(?=\{\s*')/;

/** Rewrites a dictionary of lists, tuples and numbers, as Python prints it, as JSON. Undefined for other text. Nothing is evaluated. */
export function pythonDictionary(text: string): string | undefined {
  if (!BEGIN.test(text) || text.includes('"')) return undefined;
  const words: Readonly<Record<string, string>> = { True: 'true', False: 'false', None: 'null', '(': '[', ')': ']' };
  return text
    .replace(BEGIN, '')
    .replace(/'([^'\\]*)'|\b(?:True|False|None)\b|[()]/g, (found, name) =>
      name === undefined ? words[found] : JSON.stringify(name),
    )
    .replace(/,(\s*[\]}])/g, '$1');
}
