/** Text that is HTML (or SVG) already; made only by `markup`, which escapes what it is given. */
export class Markup {
  constructor(readonly text: string) {}
}

type Piece = Markup | string | number | null | undefined | readonly Piece[];

/**
 * A tagged template that escapes every value but Markup; lists are joined, null and undefined are left out. Safe in
 * text and in quoted attributes.
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

/** Escapes what HTML gives a meaning and drops the control characters it forbids. */
function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character]).replace(/[^\P{Cc}\n\t]/gu, '\ufffd');
}
