import { createHash } from 'node:crypto';
import { Markup, markup } from './markup.js';
import { STYLE } from './theme.js';

/** Holds the parts of a page. */
interface Page {
  readonly title: string;
  readonly header: Markup;
  readonly main: Markup;
  readonly footer: string;
  /** Code that runs in the browser. No other does. */
  readonly script: string;
  /** Whether the script may fetch from the server that the page is from. */
  readonly connects?: boolean | undefined;
  /** What the page carries at its end. */
  readonly carried?: Markup | undefined;
}

/** Writes a self-contained page. It loads nothing, and of scripts only its own runs, which its hash in the policy allows. */
export function pageHtml({ title, header, main, footer, script, connects, carried }: Page): string {
  const hash = createHash('sha256').update(script).digest('base64');
  // Fixed words and a hash, so nothing needs escaping.
  const policy = new Markup(
    `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${hash}'${connects ? "; connect-src 'self'; form-action 'self'" : ''}`,
  );
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>${title}</title>
<style>${new Markup(STYLE)}</style>
</head>
<body>
<header>
${header}</header>
<main>
${main}</main>
<footer>${footer}</footer>
${carried}<script>${new Markup(script)}</script>
</body>
</html>
`.text;
}

/** Makes a section under its heading. */
export function section(id: string, title: string, body: Markup): Markup {
  return markup`<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2>
${body}</section>
`;
}

/** Makes a section that is unfolded on demand. */
export function foldedSection(id: string, title: string, body: Markup): Markup {
  return markup`<details class="fold"><summary><h2 id="${id}">${title}</h2></summary>
<div id="${id}-rows">${body}</div></details>
`;
}
