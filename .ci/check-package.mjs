// What is published: the right files, nothing of this machine in them, and they work when installed.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [scratch] = process.argv.slice(2);
const repository = process.cwd();
const run = (program, args, options) =>
  execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], ...options });
const problems = [];

checkLock();
const [{ filename, files }] = JSON.parse(run('npm', ['pack', '--silent', '--json', '--pack-destination', scratch]));
checkFiles(files.map((file) => file.path));
checkInstalled(join(scratch, filename));
for (const problem of problems) console.error(`package: ${problem}`);
process.exitCode = problems.length > 0 ? 1 : 0;

/** Each user's npm knows its registry; the lock file must not. */
function checkLock() {
  const lock = readFileSync('package-lock.json', 'utf8');
  if (lock.includes('"resolved"')) problems.push('package-lock.json names a registry');
}

function checkFiles(paths) {
  const wanted = [
    'LICENSE',
    'README.md',
    'CHANGELOG.md',
    'package.json',
    'dist/cli.cjs',
    'dist/index.js',
    'dist/plugin.js',
    'dist/testing.js',
    'dist/schema.json',
    'dist/types/core/index.d.ts',
    'dist/types/core/plugin/index.d.ts',
    'dist/types/test/contract/index.d.ts',
  ];
  for (const path of wanted) if (!paths.includes(path)) problems.push(`${path} is missing`);
  for (const path of paths)
    if (!path.startsWith('dist/') && !wanted.includes(path)) problems.push(`${path} is too much`);
  for (const path of paths)
    if (readFileSync(path, 'latin1').includes(repository)) problems.push(`${path} names ${repository}`);
}

function checkInstalled(tarball) {
  const project = join(scratch, 'project');
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), '{ "type": "module" }');
  run('npm', ['install', '--silent', '--omit=dev', tarball], { cwd: project });
  run('npx', ['--no', 'tsbox', 'version'], { cwd: project });
  const warm = readdirSync(join(project, 'node_modules/tsbox/dist')).some((name) => name.endsWith('.cache'));
  if (!warm) problems.push('installing it made no code cache');
  const script =
    "import { createEngine } from 'tsbox'; import { definePlugin } from 'tsbox/plugin'; import schema from 'tsbox/schema.json' with { type: 'json' };";
  run(
    process.execPath,
    ['--input-type=module', '-e', `${script} if (!createEngine || !definePlugin || !schema) process.exit(1);`],
    { cwd: project },
  );
}
