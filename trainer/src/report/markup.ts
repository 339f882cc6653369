/** Holds text that is HTML or SVG already. Only `markup` makes it, and that escapes its values. */
export class Markup {
  constructor(readonly text: string) {}
}

type Piece = Markup | string | number | null | undefined | readonly Piece[];

/**
 * Makes Markup from a tagged template. Escapes every value except Markup, joins lists, and leaves out null and undefined. Safe
 * in text and in quoted attributes.
 */
export function markup(strings: TemplateStringsArray, ...values: readonly Piece[]): Markup {
  return new Markup(strings.reduce((text, string, index) => text + render(values[index - 1]) + string));
}

function render(piece: Piece): string {
  if (piece === null || piece === undefined) return '';
  if (piece instanceof Markup) return piece.text;
  if (typeof piece === 'object') return piece.map(render).join('');
  return escapeText(String(piece));
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Escapes the characters that have a meaning in HTML, removes the control characters that it forbids, and keeps a number with its %. */
function escapeText(text: string): string {
  return text
    .replace(/[&<>"']/g, (character) => ENTITIES[character])
    .replace(/(?<=\d) (?=%)/g, '\u00a0')
    .replace(/[^\P{Cc}\n\t]/gu, '\ufffd');
}
