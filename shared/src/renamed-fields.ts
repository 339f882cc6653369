/** Fields of outcomes in stores that were written while the baseline was still called the vendor, and their names today. */
const RENAMED: Readonly<Record<string, string>> = {
  vendor: 'thirdParty',
  vendorSeconds: 'baselineSeconds',
  vendorRelativeError: 'baselineRelativeError',
  vendorGflops: 'baselineGflops',
  vendorJoules: 'baselineJoules',
  vendorThreads: 'baselineThreads',
  fasterThanVendor: 'fasterThanBaseline',
};

/** The label and the origin of the baseline's own row in such a store, and their words today. */
const REWORDED: Readonly<Record<string, string>> = { 'vendor GEMM': 'baseline', vendor: 'baseline' };

/** Gives what an older store holds, parsed from JSON, the names of today; leaves everything else as it is. */
export function withTodaysNames(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      RENAMED[key] ?? key,
      (key === 'label' || key === 'origin') && typeof item === 'string' ? (REWORDED[item] ?? item) : item,
    ]),
  );
}
