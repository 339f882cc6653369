import type { FactorizationRecord } from '../formats/record.js';
import type { Image } from '../images.js';

/** Makes the record of an image of a scheme: its notes say how it was made, and `catalogue` in its provenance is its name. */
export function imageRecord(record: FactorizationRecord, image: Image, name: string): FactorizationRecord {
  const { factorization, rotations, isTransposed } = image;
  const how = [
    ...(rotations > 0 ? [`rotated ${rotations === 1 ? 'once' : 'twice'}`] : []),
    ...(isTransposed ? ['transposed'] : []),
  ];
  return {
    ...record,
    factorization,
    notes: how.length > 0 ? `${record.notes ?? ''} Here ${how.join(' and ')}.`.trim() : record.notes,
    provenance: { ...record.provenance, catalogue: name },
  };
}
