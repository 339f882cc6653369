// npm run package:agent [-- --out DIR]: one tarball that `npm i -g` installs on any machine with Node >= 20, without a registry.
// All that the agent imports is bundled into dist/at-agent.js; beside it are the files that it reads and the licences of what is in it.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { rolldown } from 'rolldown';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const AGENT = join(ROOT, 'agent');
const MAX_BYTES = 1_000_000;
/** What an agent may find beside it, where a person has installed it; never part of the package. */
const OPTIONAL = ['gpu.js', 'webgpu'];
/** Modules that make paths from where they are, one folder below their package's root, as the bundle is. */
const LOCATED = ['agent/dist/package-files.js', 'proto/dist/load.js', 'shared/dist/catalogue-folder.js'].map((path) =>
  join(ROOT, path),
);

/** CommonJS modules in the bundle read files from ../../proto of where they were: of this folder, that is the package's proto/. */
const BUNDLED_FOLDER =
  "import { fileURLToPath as pathOf } from 'node:url';\nconst __dirname = pathOf(new URL('./bundled/', import.meta.url));\nconst __filename = __dirname + 'module.js';";

const { values } = parseArgs({ options: { out: { type: 'string', default: '.' } } });
const out = resolve(values.out);
const stage = mkdtempSync(join(tmpdir(), 'alphatensor-edge-package-'));
try {
  const modules = await bundle(join(stage, 'dist'));
  requireNoOtherPaths(modules);
  const agent = readJson(join(AGENT, 'package.json'));
  for (const name of ['bin', 'native', 'library']) cpSync(join(AGENT, name), join(stage, name), { recursive: true });
  cpSync(join(ROOT, 'proto', 'alphatensor'), join(stage, 'alphatensor'), { recursive: true });
  cpSync(join(ROOT, 'catalogue'), join(stage, 'catalogue'), { recursive: true });
  // Where grpc-health-check looks for it: see BUNDLED_FOLDER.
  const health = dirname(createRequire(join(AGENT, 'package.json')).resolve('grpc-health-check/package.json'));
  cpSync(join(health, 'proto'), join(stage, 'proto'), { recursive: true });
  cpSync(join(ROOT, 'LICENSE'), join(stage, 'LICENSE'));
  writeFileSync(join(stage, 'THIRD-PARTY-LICENSES.txt'), licences(modules));
  writeFileSync(
    join(stage, 'README.md'),
    `# ${agent.name}\n\n${agent.description}.\n\nStart with \`at-agent doctor\`.\n`,
  );
  const { name, version, description, license, type, engines, bin } = agent;
  const manifest = { name, version, description, license, type, engines, bin };
  writeFileSync(join(stage, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  mkdirSync(out, { recursive: true });
  const [packed] = JSON.parse(
    execFileSync('npm', ['pack', '--json', '--pack-destination', out], { cwd: stage, encoding: 'utf8' }),
  );
  const path = join(out, packed.filename);
  const bytes = statSync(path).size;
  console.log(`${path}\n${(bytes / 1000).toFixed(0)} kB packed, ${(packed.unpackedSize / 1e6).toFixed(2)} MB unpacked`);
  if (bytes > MAX_BYTES) throw new Error(`The package has ${bytes} bytes and should have at most ${MAX_BYTES}.`);
} finally {
  rmSync(stage, { recursive: true, force: true });
}

/** Writes at-agent.js, and cli/main.js for bin/ to import; the files that went into them. */
async function bundle(folder) {
  const build = await rolldown({
    input: { main: join(AGENT, 'dist', 'cli', 'main.js') },
    platform: 'node',
    external: [...OPTIONAL, /^node:/],
  });
  const { output } = await build.write({
    dir: folder,
    format: 'esm',
    entryFileNames: 'at-agent.js',
    codeSplitting: false,
    minify: { compress: true, mangle: false, codegen: { removeWhitespace: true } },
    banner: BUNDLED_FOLDER,
  });
  mkdirSync(join(folder, 'cli'));
  writeFileSync(join(folder, 'cli', 'main.js'), "export { main } from '../at-agent.js';\n");
  return output.flatMap(({ moduleIds = [] }) => moduleIds).filter((id) => id.startsWith(ROOT));
}

/** A module of ours that makes a path in its own way would make a wrong one in the bundle. */
function requireNoOtherPaths(modules) {
  const ours = modules.filter((id) => !id.includes('node_modules') && !LOCATED.includes(id));
  const wrong = ours.filter((id) => readFileSync(id, 'utf8').includes('import.meta'));
  if (wrong.length > 0)
    throw new Error(`Use packageFile() of agent/src/package-files.ts instead of import.meta in ${wrong}.`);
}

/** Name, version and licence of every package that went into the bundle. */
function licences(modules) {
  const folders = new Set(modules.map((id) => /^.*\/node_modules\/(@[^/]+\/)?[^/]+/.exec(id)?.[0]).filter(Boolean));
  return [...folders]
    .sort()
    .map((folder) => {
      const { name, version, license } = readJson(join(folder, 'package.json'));
      const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
      const text =
        file === undefined
          ? `Its package holds no licence text; it says: ${license}.`
          : readFileSync(join(folder, file), 'utf8');
      return `${name} ${version} (${license})\n\n${text.trim()}\n`;
    })
    .join(`\n${'-'.repeat(80)}\n\n`);
}

function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}
