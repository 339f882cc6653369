import { contentHash, type FactorizationRecord, printable } from '@alphatensor-edge/shared';

/** Says where a level is from, in one line: its origin, its name in the catalogue, who published what it began with, and the licence of that. */
export function levelSource({ factorization, origin, provenance = {} }: FactorizationRecord): string {
  const { catalogue, source, licence } = provenance;
  return [
    `origin ${origin}`,
    ...(typeof catalogue === 'string' ? [`\`${oneLine(catalogue)}\` of the catalogue`] : []),
    ...(typeof source === 'string' ? [`source: ${oneLine(source)}`] : []),
    ...(typeof licence === 'string' ? [`licence: ${oneLine(licence)}`] : []),
    `content hash \`${contentHash(factorization)}\``,
  ].join(', ');
}

/** The text of a file that others wrote, as it may stand in a line. */
function oneLine(text: string): string {
  return printable(text).replace(/\s+/g, ' ');
}
