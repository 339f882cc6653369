// Forms of files that are not read, by what they begin with or hold, so that an error calls them what they are.

const BINARY: readonly (readonly [begins: string, name: string])[] = [
  ['\x89HDF\r\n', 'an HDF5 file'],
  ['MATLAB 5.0 MAT-file', 'a MATLAB .mat file'],
  ['\x80\x02', 'a Python pickle'],
  ['\x80\x03', 'a Python pickle'],
  ['\x80\x04', 'a Python pickle'],
  ['\x80\x05', 'a Python pickle'],
  ['BZh', 'a bzip2 archive; unpack it first'],
  ['\xfd7zXZ', 'an xz archive; unpack it first'],
  ['\x28\xb5\x2f\xfd', 'a Zstandard archive; unpack it first'],
  ['7z\xbc\xaf', 'a 7-Zip archive; unpack it first'],
  ['Rar!', 'a RAR archive; unpack it first'],
  ['%PDF', 'a PDF document'],
  ['\x89PNG', 'an image'],
  ['\x7fELF', 'a program'],
  ['SQLite format 3', 'an SQLite database'],
  ['\xff\xfe\x00\x00', 'text in UTF-32; save it in UTF-8'],
  ['\x00\x00\xfe\xff', 'text in UTF-32; save it in UTF-8'],
];

/** Gives the form of a file that is not read by its first bytes. */
export function otherBinaryForm(bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.subarray(0, 300)).toString('latin1');
  if (head.slice(257, 262) === 'ustar') return 'a tar archive; unpack it first';
  return BINARY.find(([begins]) => head.startsWith(begins))?.[1];
}

const TEXT: readonly (readonly [holds: RegExp, name: string])[] = [
  [/^\s*</, 'HTML or XML'],
  [/^\s*(?:#include\b|template\s*<|\/\*[\s\S]*?\*\/\s*#include\b)/, 'C or C++ source'],
  [/^\s*(?:import|from)\s+\w+|^\s*def\s+\w+\s*\(/m, 'Python source'],
  [/\\(?:documentclass|begin)\{/, 'LaTeX'],
  [/^\s*t\d+\s*:=\s*i\d+\s*;/m, 'a straight-line program of plinopt'],
  [/^\s*\/\/.*\s+[[{]/, 'JSON with comments; take them out'],
  [/^(?:---\s*$|[uvwn]\s*:\s*(?:\[|$))/im, 'YAML; write it as JSON'],
  [/\bmatrix\((?:QQ|ZZ|GF\()/, 'source code of Sage'],
  [/^\s*\w+\s*:=\s*(?:GF|FiniteField|RationalField)\b/m, 'source code of Magma'],
  [/^\s*(?:function\b|using\s+\w+|\w+\s*=\s*\[[^\]]*;)/m, 'source code of Julia or MATLAB'],
];

/** Gives the form of text that is not read. */
export function otherTextForm(text: string): string | undefined {
  return TEXT.find(([holds]) => holds.test(text))?.[1];
}
