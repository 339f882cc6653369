// node scripts/test-node.mjs 22 24: the unit tests and the installed agent under other versions of Node, which come as npm packages.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const versions = process.argv.slice(2);
if (versions.length === 0 || versions.some((version) => !/^\d+(\.\d+){0,2}$/.test(version))) {
  console.error('error: Name versions of Node, for example: node scripts/test-node.mjs 22 24');
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), 'alphatensor-edge-node-'));
try {
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: ROOT, stdio: 'inherit' });
  execFileSync(process.execPath, [join(ROOT, 'scripts', 'package-agent.mjs'), '--out', folder], { stdio: 'inherit' });
  const tarball = join(
    folder,
    readdirSync(folder).find((name) => name.endsWith('.tgz')),
  );
  const failed = versions.filter((version) => !works(version, tarball));
  if (failed.length > 0) console.error(`error: Failed with Node ${failed.join(', ')}.`);
  process.exitCode = failed.length > 0 ? 1 : 0;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Whether everything goes well with one version; goes on after a failure, so that all of them are seen. */
function works(version, tarball) {
  const node = fetchNode(version);
  const env = {
    ...process.env,
    PATH: [dirname(node), process.env.PATH].join(delimiter),
    ALPHATENSOR_STATE_DIR: join(folder, `state-${version}`),
  };
  const prefix = join(folder, `installed-${version}`);
  execFileSync('npm', ['install', '--global', '--offline', '--prefix', prefix, tarball], { env, stdio: 'ignore' });
  const agent = join(prefix, 'bin', 'at-agent');
  const steps = [
    [node, '--version'],
    [agent, '--version'],
    [agent, 'describe'],
    [agent, 'config', 'check'],
    [node, join(ROOT, 'node_modules', 'vitest', 'vitest.mjs'), 'run', '--project', 'unit'],
  ];
  // The agent's first line names `node`, which is the first on the path.
  return steps.filter(([command, ...args]) => !succeeds(command, args, env)).length === 0;
}

function succeeds(command, args, env) {
  console.log(`> ${command} ${args.join(' ')}`);
  return spawnSync(command, args, { cwd: ROOT, env, stdio: 'inherit' }).status === 0;
}

/** The path of a Node of this version for this machine. */
function fetchNode(version) {
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  const prefix = join(folder, `node-${version}`);
  execFileSync('npm', ['install', '--prefix', prefix, `${name}@${version}`], { stdio: 'ignore' });
  const path = join(prefix, 'node_modules', name, 'bin', 'node');
  if (!existsSync(path)) throw new Error(`The package ${name}@${version} holds no bin/node.`);
  return path;
}
