// Who may import whom, type imports included. A folder (or a file beside the folders) imports itself and what is listed
// before it, nothing else of its package. What is not listed may not be imported, so that a
// new folder finds its place here first. `npm run check` applies the rules; test/unit/import-rules.test.ts shows that they work.

export const ORDER = {
  shared: ['*.ts', 'formats', 'catalogue', 'load.ts', 'index.ts'],
  proto: ['generated', 'accuracy.ts', 'blas.ts', 'load.ts', 'transport', 'index.ts'],
  agent: [
    ['package-files.ts', 'version.ts', 'plan', 'codegen', 'export', 'config'],
    ['process', 'device', 'blas', 'backends', 'measure', 'job'],
    ['server', 'trainer', 'doctor', 'operations', 'systemd'],
    ['intercept', 'agent.ts', 'cli', 'index.ts'],
  ].flat(),
  trainer: [
    ['version.ts', 'onnx', 'game', 'config.ts', 'presets', 'presets.ts', 'search', 'network'],
    ['fleet', 'explore', 'refine', 'shapes', 'tune', 'run', 'training', 'cluster', 'report'],
    ['cli', 'index.ts'],
  ].flat(),
};

/** Narrower than the order of the lists. */
const NARROWER = [
  rule('shared-imports-nothing-local', '^shared/', '^(proto|agent|trainer)/'),
  rule('proto-imports-nothing-local', '^proto/', '^(shared|agent|trainer)/'),
  rule('agent-knows-no-trainer', '^agent/', '^trainer/'),
  rule('trainer-knows-no-agent', '^trainer/', '^agent/'),
  rule('tensorflow-is-the-trainers', '^(shared|proto|agent)/', '@tensorflow/'),
  rule('measure-knows-no-backend', '^agent/src/measure/', '^agent/src/(backends|blas|job|codegen)/'),
  rule(
    'code-generators-are-apart',
    '^agent/src/codegen/([^/]+)/',
    '^agent/src/codegen/[^/]+/',
    '^agent/src/codegen/$1/',
  ),
  rule('explore-imports-shared-only', '^trainer/src/explore/', '^(proto|trainer)/', '^trainer/src/explore/'),
  rule('refine-imports-shared-only', '^trainer/src/refine/', '^(proto|trainer)/', '^trainer/src/refine/'),
  rule('shapes-imports-no-trainer', '^trainer/src/shapes/', '^(proto|trainer)/', '^trainer/src/(shapes|onnx)/'),
  rule('no-test-code-in-the-product', '^(shared|proto|agent|trainer)/', '^(test|scripts)/'),
];

/** `*.ts`: every file beside the folders but those that have their own place. */
const PATHS = { '*.ts': '(?!(index|load)\\.ts)[^/]+\\.ts$' };

/** Packages that may be missing: npm goes on without them where they do not install. */
const OPTIONAL = '(^|/)(gpu\\.js|webgpu|@tensorflow/tfjs-node-gpu)(/|$)';
const PRODUCT = '^(shared|proto|agent|trainer)/(src|bin|native)/';

export default {
  forbidden: [
    { name: 'no-circle', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'not-found',
      comment:
        'Nothing is there: a wrong path, or a package that is not installed. The compiler resolves what benches import.',
      severity: 'error',
      from: { pathNot: '^test/bench/' },
      to: { couldNotResolve: true, pathNot: OPTIONAL },
    },
    {
      name: 'undeclared-package',
      comment:
        'A package that the nearest package.json does not name: it would be missing, or another version, elsewhere.',
      severity: 'error',
      from: { pathNot: '^test/' },
      to: { dependencyTypes: ['unknown', 'npm-no-pkg', 'npm-unknown'], pathNot: OPTIONAL },
    },
    {
      name: 'development-package-in-the-product',
      comment: 'An installed agent or trainer has no devDependencies.',
      severity: 'error',
      from: { path: PRODUCT },
      to: { dependencyTypes: ['npm-dev'] },
    },
    ...NARROWER,
    ...Object.entries(ORDER).flatMap(([name, folders]) => orderOf(name, folders)),
  ],
  options: {
    doNotFollow: { path: ['(^|/)node_modules/', '/dist/', '\\.c$'] },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'require', 'default', 'types'],
      extensions: ['.ts', '.mts', '.js', '.mjs', '.cjs', '.json', '.d.ts'],
    },
  },
};

function rule(name, from, to, except) {
  return {
    name,
    severity: 'error',
    from: { path: from },
    to: { path: to, ...(except && { pathNot: except }) },
  };
}

/** The rules of one list: one per folder, and one for folders that are not listed. */
function orderOf(name, folders) {
  const path = (folder) => `^${name}/src/${PATHS[folder] ?? (folder.endsWith('.ts') ? `${folder}$` : `${folder}/`)}`;
  const all = `^${name}/src/`;
  return [
    ...folders.map((folder, index) => ({
      name: `${name}: ${folder} imports only what is listed before it`,
      severity: 'error',
      from: { path: path(folder) },
      to: { path: all, pathNot: folders.slice(0, index + 1).map(path) },
    })),
    {
      name: `${name}: every folder is listed`,
      severity: 'error',
      from: { path: all, pathNot: folders.map(path) },
      to: {},
    },
  ];
}
