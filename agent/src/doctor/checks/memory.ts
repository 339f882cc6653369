import { type Check, type MemoryFinding, ok } from '../diagnosis.js';
import { bytesWords } from '../words.js';

/** The memory for a float32 product of 4096 with two levels, bytes. */
const COMFORTABLE_MEMORY = 1.5 * 1024 ** 3;

/** Judges the free memory. */
export function checkMemory({ totalBytes, availableBytes }: MemoryFinding): Check {
  const detail = `${bytesWords(availableBytes)} free of ${bytesWords(totalBytes)}`;
  if (availableBytes >= COMFORTABLE_MEMORY) return ok('memory', detail);
  return { name: 'memory', status: 'warning', detail, fix: 'Large problems will be refused; free some memory.' };
}

/** Judges whether large matrices get huge pages. */
export function checkHugePages({ hugePages, hugePageBytesGranted, matrixBytes }: MemoryFinding): Check {
  const name = 'huge pages';
  if (hugePages !== 'always' && hugePages !== 'madvise') {
    return {
      name,
      status: 'warning',
      detail: hugePages ?? 'unknown',
      fix: 'Large products run faster with "echo madvise > /sys/kernel/mm/transparent_hugepage/enabled" (as root).',
    };
  }
  if (hugePageBytesGranted === null || matrixBytes === null) return ok(name, hugePages);
  const detail = `${hugePages}; ${bytesWords(hugePageBytesGranted)} granted for matrices of ${bytesWords(matrixBytes)}`;
  if (hugePageBytesGranted >= matrixBytes / 2) return ok(name, detail);
  return {
    name,
    status: 'warning',
    detail,
    fix: 'The free memory is fragmented; "echo 1 > /proc/sys/vm/compact_memory" (as root) or a restart helps.',
  };
}
