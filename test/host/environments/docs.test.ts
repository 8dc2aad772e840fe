import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { installPackage } from '../../support/installed-package.js';
import { CLI, quote, REPOSITORY } from '../../support/run-cli.js';
import { skipUnless } from '../../support/skip.js';
import { tempDirectory, tempRoot } from '../../support/temp-root.js';

const page = readFileSync(join(REPOSITORY, 'docs/environments.md'), 'utf8');
/** Blocks of the page: a file where a name stands behind the language, perhaps after its mode. */
const blocks = [...page.matchAll(/^```(\w+)(?: (0\d+))?(?: (\S+))?\n(.*?)^```$/gms)].map(
  ([, kind, mode, file, text = '']) => ({
    kind,
    mode,
    file,
    text,
  }),
);
/** A command, and what it prints. */
const examples = blocks
  .filter(({ kind }) => kind === 'sh')
  .flatMap(({ text }) => text.split(/^\$ /m).slice(1))
  .map((example) => ({
    command: example.slice(0, example.indexOf('\n')),
    output: example.slice(example.indexOf('\n') + 1),
  }));

const { root, runroot } = tempRoot();
const { describe: describeRoot } = skipUnless('root', 'overlay');

describeRoot('docs/environments.md', () => {
  const directory = join(tempDirectory(), 'project');
  mkdirSync(directory);
  for (const { file, mode, text } of blocks) {
    if (file === undefined) continue;
    mkdirSync(dirname(join(directory, file)), { recursive: true });
    writeFileSync(join(directory, file), text);
    chmodSync(join(directory, file), mode === undefined ? 0o644 : Number.parseInt(mode, 8));
  }
  const env = { ...process.env, TSBOX_ROOT: root, TSBOX_RUNROOT: runroot };

  it('has examples of every command', () => {
    for (const word of ['run', 'env ls', 'config explain', 'config @', '--secret']) {
      expect(examples.some(({ command }) => command.includes(word))).toBe(true);
    }
  });

  it.each(examples)('$ $command', ({ command, output }) => {
    const words = [process.execPath, '--', CLI].map(quote).join(' ');
    const script = command.replace(/^tsbox /, `${words} `);
    const printed = execFileSync('sh', ['-c', script], { cwd: directory, env, encoding: 'utf8' });
    expect(printed).toBe(output);
  });

  it('the use as a library', () => {
    installPackage(directory);
    const code = readFileSync(join(directory, 'library.mts'), 'utf8').replace(
      'createEngine({',
      `createEngine({ ...${JSON.stringify({ root, runroot })},`,
    );
    writeFileSync(join(directory, 'library.mjs'), code);
    const printed = execFileSync(process.execPath, ['library.mjs'], { cwd: directory, encoding: 'utf8' });
    expect(printed).toBe('hello, library\n\nhost\n');
  });
});
