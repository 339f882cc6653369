import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cruise, type IConfiguration, type ICruiseResult, type IViolation } from 'dependency-cruiser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CONFIG: string = join(ROOT, '.dependency-cruiser.mjs');
const { default: config, ORDER }: { default: Required<IConfiguration>; ORDER: Record<string, readonly string[]> } =
  await import(CONFIG);

/** A clone in small: files that import only what they may. */
const ALLOWED = {
  'package.json': '{ "devDependencies": { "only-for-tests": "1.0.0" } }',
  'agent/package.json': '{ "dependencies": { "kept": "1.0.0" } }',
  'proto/package.json': '{ "devDependencies": { "only-for-tests": "1.0.0" } }',
  'node_modules/kept/package.json': '{ "name": "kept", "version": "1.0.0", "main": "index.js" }',
  'node_modules/kept/index.js': '',
  'node_modules/only-for-tests/package.json': '{ "name": "only-for-tests", "version": "1.0.0", "main": "index.js" }',
  'node_modules/only-for-tests/index.js': '',
  'node_modules/@tensorflow/tfjs/package.json':
    '{ "name": "@tensorflow/tfjs", "version": "4.0.0", "main": "index.js" }',
  'node_modules/@tensorflow/tfjs/index.js': '',
  'shared/src/tensor.ts': 'export const tensor = 1;',
  'shared/src/formats/json.ts': "import '../tensor.js';",
  'proto/src/load.ts': 'export const load = 1;',
  'agent/src/plan/plan.ts': "import 'kept';\nimport type { x } from './workspace.js';",
  'agent/src/plan/workspace.ts': 'export const x = 1;',
  'agent/src/codegen/c/program.ts': "import '../../plan/plan.js';",
  'agent/src/codegen/cuda/program.ts': "import '../../plan/plan.js';",
  'agent/src/backends/backend.ts': "import '../codegen/c/program.js';",
  'agent/src/measure/rounds.ts': "import type { x } from '../plan/workspace.js';",
  'agent/src/job/run-job.ts': "import '../measure/rounds.js';\nimport '../backends/backend.js';",
  'agent/src/cli/main.ts': "import '../job/run-job.js';",
  'agent/src/index.ts': "import './cli/main.js';",
  'trainer/src/game/moves.ts': 'export const moves = 1;',
  'trainer/src/fleet/pool.ts': "import '../game/moves.js';",
  'trainer/src/explore/walk.ts': "import './descent.js';",
  'trainer/src/explore/descent.ts': "import '../../../shared/src/tensor.js';",
  'trainer/src/cli/main.ts': "import '../explore/walk.js';\nimport '../fleet/pool.js';",
  'test/unit/plan.test.ts': "import 'only-for-tests';\nimport '../../agent/src/plan/plan.js';",
};

/** One forbidden import each: the file, what it imports, and the rules that refuse it. */
const FORBIDDEN: readonly [string, string, readonly string[]][] = [
  ['agent/src/plan/low.ts', '../backends/backend.js', ['agent: plan imports only what is listed before it']],
  ['shared/src/canonical.ts', './formats/json.js', ['shared: *.ts imports only what is listed before it']],
  ['agent/src/index.ts', './unlisted/new.js', ['agent: index.ts imports only what is listed before it']],
  ['agent/src/unlisted/new.ts', '../plan/plan.js', ['agent: every folder is listed']],
  ['agent/src/job/stage.ts', '../cli/main.js', ['agent: job imports only what is listed before it']],
  ['agent/src/measure/low.ts', '../codegen/c/program.js', ['measure-knows-no-backend']],
  ['agent/src/codegen/c/other.ts', '../cuda/program.js', ['code-generators-are-apart']],
  ['agent/src/job/far.ts', '../../../trainer/src/game/moves.js', ['agent-knows-no-trainer']],
  ['trainer/src/tune/far.ts', '../../../agent/src/plan/plan.js', ['trainer-knows-no-agent']],
  ['trainer/src/game/high.ts', '../fleet/pool.js', ['trainer: game imports only what is listed before it']],
  ['trainer/src/explore/game.ts', '../game/moves.js', ['explore-imports-shared-only']],
  ['trainer/src/explore/wire.ts', '../../../proto/src/load.js', ['explore-imports-shared-only']],
  ['shared/src/known.ts', '../../proto/src/load.js', ['shared-imports-nothing-local']],
  ['proto/src/blas.ts', '../../shared/src/tensor.js', ['proto-imports-nothing-local']],
  ['agent/src/job/learn.ts', '@tensorflow/tfjs', ['tensorflow-is-the-trainers', 'undeclared-package']],
  ['agent/src/job/tested.ts', '../../../test/unit/plan.test.js', ['no-test-code-in-the-product']],
  ['agent/src/job/missing.ts', './nowhere.js', ['not-found', 'undeclared-package']],
  ['proto/src/index.ts', 'only-for-tests', ['development-package-in-the-product']],
  ['agent/src/job/undeclared.ts', 'only-for-tests', ['undeclared-package']],
];

const CIRCLE = {
  'agent/src/process/a.ts': "import type { b } from './b.js';\nexport const a = 1;",
  'agent/src/process/b.ts': "import type { a } from './a.js';\nexport const b = 1;",
};

describe('the rules of imports', () => {
  const root = mkdtempSync(join(tmpdir(), 'import-rules-'));
  let before: IViolation[];
  let planted: IViolation[];
  beforeAll(async () => {
    write(ALLOWED);
    before = await violations();
    write(Object.fromEntries(FORBIDDEN.map(([path, target]) => [path, `import type { x } from '${target}';`])));
    write(CIRCLE);
    planted = await violations();
  });
  afterAll(() => rmSync(root, { recursive: true }));

  it('let through what goes down', () => {
    expect(before).toEqual([]);
  });

  it.each(FORBIDDEN)('refuse that %s imports %s', (path, _, rules) => {
    const broken = planted.filter(({ from }) => from === path).map(({ rule }) => rule.name);
    expect(broken.sort()).toEqual([...rules].sort());
  });

  it('refuse a circle of types', () => {
    const [from] = Object.keys(CIRCLE);
    expect(planted.filter(({ rule }) => rule.name === 'no-circle')).toMatchObject([{ from }]);
  });

  it.each(Object.entries(ORDER))('list every folder of %s once, and none that is gone', (name, listed) => {
    const isListed = (entry: string): boolean =>
      listed.includes(entry) || (entry.endsWith('.ts') && listed.includes('*.ts'));
    const folder = readdirSync(join(ROOT, name, 'src'));
    expect(listed.filter((name) => name !== '*.ts' && !folder.includes(name))).toEqual([]);
    expect(folder.filter((entry) => !isListed(entry))).toEqual([]);
    expect(new Set(listed).size).toBe(listed.length);
  });

  function write(files: Readonly<Record<string, string>>): void {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
  }

  async function violations(): Promise<IViolation[]> {
    const folders = ['shared', 'proto', 'agent', 'trainer', 'test'];
    const { output } = await cruise(folders, {
      ...config.options,
      baseDir: root,
      validate: true,
      ruleSet: { forbidden: config.forbidden },
    });
    return (output as ICruiseResult).summary.violations;
  }
});
