/**
 * The walls: who may import whom. `npm run check -- walls` fails on a breach, and
 * test/unit/architecture.test.ts proves for every wall that it does.
 */
const libraries = 'node_modules/';

/** Node's own modules that reach the disk, other programs or the network. */
const effects =
  '^(node:)?(fs|fs/promises|child_process|net|tls|http|https|http2|dgram|dns|cluster|worker_threads)$';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'shared-imports-zod-only',
      comment: 'shared is the contract: schemas and types, no I/O, readable by every process.',
      severity: 'error',
      from: { path: '^shared/' },
      to: { pathNot: ['^shared/', 'node_modules/zod/'] },
    },
    {
      name: 'renderer-imports-shared-only',
      comment: 'The window knows the contract and libraries; everything else is behind the bridge.',
      severity: 'error',
      from: { path: '^renderer/' },
      to: { pathNot: ['^renderer/', '^shared/', libraries] },
    },
    {
      name: 'renderer-has-no-native-libraries',
      comment: 'The window is sandboxed; Node modules are refused by the rule above.',
      severity: 'error',
      from: { path: '^renderer/' },
      to: { path: ['node_modules/(electron|node-pty)/'] },
    },
    {
      name: 'engine-knows-no-shell-around-it',
      comment:
        'engine is everything Devmend knows how to do; windows, argv and IPC are outside it.',
      severity: 'error',
      from: { path: '^electron/engine/' },
      to: { path: '^(electron/|renderer/|build/|test/)', pathNot: '^electron/engine/' },
    },
    {
      name: 'engine-never-imports-electron',
      comment: 'The engine runs on plain Node, in a chroot, on a server.',
      severity: 'error',
      from: { path: '^electron/(engine|cli|helper)/' },
      to: { path: ['^electron$', 'node_modules/electron/'] },
    },
    {
      name: 'outer-layers-import-engine-and-shared',
      comment:
        'ipc, cli and helper stand side by side; only main, the composition root, sees them all.',
      severity: 'error',
      from: { path: '^electron/(ipc|cli|helper)/' },
      to: {
        path: '^(electron/|renderer/|build/|test/)',
        pathNot: '^electron/($1|engine)/',
      },
    },
    {
      name: 'side-layers-import-engine-and-shared',
      comment:
        'security, terminal and privilege serve main; they know nothing of ipc, cli or helper.',
      severity: 'error',
      from: { path: '^electron/(security|terminal|privilege)/' },
      to: {
        path: '^(electron/|renderer/|build/|test/)',
        pathNot: '^electron/($1|engine)/',
      },
    },
    {
      name: 'preload-is-a-loop-over-the-contract',
      comment: 'The preload script runs sandboxed: electron and the contract, nothing else.',
      severity: 'error',
      from: { path: '^electron/preload/' },
      to: { pathNot: ['^electron/preload/', '^shared/', '^electron$', 'node_modules/electron/'] },
    },
    {
      name: 'nothing-imports-main',
      comment: 'main is the composition root.',
      severity: 'error',
      from: { pathNot: '^(electron/main|test)/' },
      to: { path: '^electron/main/' },
    },
    {
      name: 'main-imports-no-window',
      comment: 'The window is loaded, never imported.',
      severity: 'error',
      from: { path: '^electron/' },
      to: { path: '^(renderer/|test/)' },
    },
    {
      name: 'checks-and-repairs-are-pure',
      comment: 'A check never reads a file; a repair never writes; only a transaction writes.',
      severity: 'error',
      from: { path: '^electron/engine/(checks|repairs)/' },
      to: { path: effects },
    },
    {
      name: 'probes-never-import-checks',
      comment: 'A probe never judges.',
      severity: 'error',
      from: { path: '^electron/engine/probes/' },
      to: { path: '^electron/engine/(checks|repairs)/' },
    },
    {
      name: 'checks-never-import-probes',
      comment: 'A check reads the snapshot, whatever made it: a replayed one counts too.',
      severity: 'error',
      from: { path: '^electron/engine/checks/' },
      to: { path: '^electron/engine/(probes|repairs|changes|journal)/' },
    },
    {
      name: 'product-imports-no-test',
      comment: 'Nothing that ships depends on a test.',
      severity: 'error',
      from: { path: '^(electron|renderer|shared)/' },
      to: { path: '^test/' },
    },
    {
      name: 'no-cycles',
      comment: 'Data flows one way.',
      severity: 'error',
      from: { path: '^(electron|renderer|shared)/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'everything-resolves',
      comment: 'An import that points nowhere.',
      severity: 'error',
      from: { path: '^(electron|renderer|shared)/' },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '\\.css$' },
    tsPreCompilationDeps: true,
    detectJSDocImports: false,
    builtInModules: { add: ['electron'] },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.json'],
    },
    tsConfig: { fileName: 'tsconfig.json' },
  },
};
