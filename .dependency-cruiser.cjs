// The import rules of the house: arrows point down only. See the folders' places in README.md.

/** Forbids imports from `from` to anything of ours but `to`. */
const only = (name, comment, from, to, extra = {}) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from, ...extra },
  to: { path: '^(core|plugins|cli|compare|test|bench|scripts|examples)/', pathNot: to },
});

/** Forbids the npm package to all files but some. */
const package_ = (name, comment, npmName, users) => ({
  name,
  comment,
  severity: 'error',
  from: { path: '^(core|plugins|cli|compare)/', pathNot: users },
  to: { path: `node_modules/${npmName}/` },
});

module.exports = {
  forbidden: [
    {
      name: 'no-circles',
      comment: 'Two files that need each other are one file, or three.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-unresolved',
      comment: 'An import that leads nowhere.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    only('kernel-is-the-ground', 'core/kernel stands on nothing of ours.', '^core/kernel/', '^core/kernel/'),
    only('program-on-kernel', 'core/program uses core/kernel only.', '^core/program/', '^core/(program|kernel)/'),
    only('contract-on-program', 'core/plugin, the contract, uses core/program and core/kernel only.', '^core/plugin/', [
      '^core/(plugin|program|kernel)/',
    ]),
    only(
      'plugins-on-contract',
      'A plugin uses the contract (core/plugin/index.ts) and its own folder: never the engine, never another plugin.',
      '^plugins/([^/]+)/',
      ['^core/plugin/index\\.ts$', '^plugins/$1/'],
    ),
    only(
      'examples-on-contract',
      "An example is a stranger's plugin: it has the contract and itself.",
      '^examples/([^/]+)/',
      ['^core/plugin/index\\.ts$', '^examples/$1/'],
    ),
    only(
      'builtins-list-plugins',
      'plugins/builtins.ts is the list: it imports entries of plugins and the contract.',
      '^plugins/builtins\\.ts$',
      ['^core/plugin/index\\.ts$', '^plugins/[^/]+/index\\.ts$'],
    ),
    {
      name: 'engine-knows-no-plugin',
      comment: 'What is built in comes in from outside: core/index.ts and cli/ pass plugins/builtins.ts on.',
      severity: 'error',
      from: { path: '^core/', pathNot: '^core/index\\.ts$' },
      to: { path: '^plugins/' },
    },
    {
      name: 'composition-takes-the-list',
      comment: 'core/index.ts and cli/ know the list of plugins, no plugin.',
      severity: 'error',
      from: { path: '^(core/index\\.ts$|cli/)' },
      to: { path: '^plugins/', pathNot: '^plugins/builtins\\.ts$' },
    },
    {
      name: 'nothing-knows-the-cli',
      comment: 'cli/ is an adapter on the engine.',
      severity: 'error',
      from: { path: '^(core|plugins)/' },
      to: { path: '^(cli|compare|test|bench|scripts|examples)/' },
    },
    only(
      'compare-on-the-library',
      'Comparisons use the engine as anybody can: as a library, with the contract, the kernel, images and the parts of pages.',
      '^compare/',
      ['^compare/', '^core/(index|package-version)\\.ts$', '^core/(image|kernel|page|plugin)/'],
    ),
    package_(
      'koffi-in-the-gate',
      'Only the gate calls foreign functions.',
      'koffi',
      '^core/kernel/(libc-gate|gate)\\.ts$',
    ),
    package_(
      'tsyringe-where-things-are-wired',
      'Wiring is known to the engine, the contract’s types and the index.ts of plugins.',
      'tsyringe',
      '^(core/(engine|plugin)/|core/index\\.ts$|plugins/[^/]+/index\\.ts$)',
    ),
    package_('commander-in-the-cli', 'Only the command line parses arguments.', 'commander', '^cli/'),
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'default'] },
  },
};
