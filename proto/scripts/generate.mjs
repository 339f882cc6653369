// Generates src/generated from the .proto; with --check, says whether what is committed is current.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const proto = dirname(dirname(fileURLToPath(import.meta.url)));
const committed = join(proto, 'src', 'generated');
const check = process.argv.includes('--check');
const out = check ? mkdtempSync(join(tmpdir(), 'at-proto-')) : committed;
const resolve = createRequire(import.meta.url).resolve;
const generator = resolve('@grpc/proto-loader/build/bin/proto-loader-gen-types.js');

rmSync(out, { recursive: true, force: true });
// The options here and in src/load.ts must agree: longs as numbers, enums as strings, defaults filled in.
execFileSync(
  process.execPath,
  [
    generator,
    '--longs=Number',
    '--enums=String',
    '--defaults',
    '--arrays',
    '--oneofs',
    '--includeComments',
    '--grpcLib=@grpc/grpc-js',
    '--importFileExtension=.js',
    `--includeDirs=${proto}`,
    `--outDir=${out}`,
    'alphatensor/agent/v1/agent.proto',
    'alphatensor/agent/v1/trainer.proto',
  ],
  { cwd: proto, stdio: ['ignore', 'ignore', 'inherit'] },
);

const list = (folder, prefix = '') =>
  readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? list(path, `${prefix}${name}/`) : [`${prefix}${name}`];
  });

// The generator writes the absolute path of its input into every file; keep only what is the same everywhere.
for (const file of list(out)) {
  const path = join(out, file);
  writeFileSync(
    path,
    readFileSync(path, 'utf8').replace(/^\/\/ Original file: .*?(alphatensor\/agent)/m, '// Original file: $1'),
  );
}

if (check) {
  const fresh = list(out);
  const stale = [
    ...fresh.filter((file) => {
      try {
        return readFileSync(join(out, file), 'utf8') !== readFileSync(join(committed, file), 'utf8');
      } catch {
        return true;
      }
    }),
    ...list(committed).filter((file) => !fresh.includes(file)),
  ];
  rmSync(out, { recursive: true });
  if (stale.length > 0) {
    console.error(`Generated types are not current (${stale.join(', ')}); run npm run proto:generate.`);
    process.exit(1);
  }
  console.log(`Generated types are current (${fresh.length} files).`);
}
