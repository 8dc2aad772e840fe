import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { finished, REPOSITORY } from '../support/run-cli.js';
import { skipUnless } from '../support/skip.js';
import { tempRoot } from '../support/temp-root.js';

const { describe, it } = skipUnless('root', 'busybox', 'overlay', 'attr');
const guide = readFileSync(join(REPOSITORY, 'docs/plugins.md'), 'utf8');
const blocks = [...guide.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, kind, text = '']) => ({ kind, text }));
const { directory, root, runroot } = tempRoot();
const folder = join(directory, 'folder');
const LONG = { timeout: 300_000 };

/** What is published, packed: the one thing that stands for the registry. */
function packed(): string {
  execFileSync('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', directory], { cwd: REPOSITORY });
  return join(directory, readdirSync(directory).find((name) => name.endsWith('.tgz')) as string);
}

/** The steps of the page, in its order: commands, and files that begin with their path. */
const steps = blocks.flatMap(({ kind, text }) =>
  kind === 'sh' ? text.trim().split('\n') : [`write ${/^\/\/ (\S+)\n/.exec(text)?.[1]}`],
);

describe('the guide to plugins, from an empty folder', () => {
  it.each(steps)('%s', LONG, async (step) => {
    mkdirSync(folder, { recursive: true });
    const file = /^write (.*)$/.exec(step)?.[1];
    if (file) {
      const text = blocks.find((block) => block.text.startsWith(`// ${file}\n`))?.text as string;
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      return writeFileSync(join(folder, file), text);
    }
    const command = step.replace(/^(npm install .*)\btsbox\b/, (_, before: string) => `${before}${packed()}`);
    const { VITEST, NODE_OPTIONS, NODE_ENV, ...rest } = process.env;
    const own = { TSBOX_ROOT: root, TSBOX_RUNROOT: runroot, npm_config_offline: 'true' };
    const child = spawn('sh', ['-c', command], { cwd: folder, env: { ...rest, ...own }, stdio: 'pipe' });
    child.stdin.end();
    const { status, stdout, stderr } = await finished(child, [command], LONG.timeout);
    expect(status, `${stdout}${stderr}`).toBe(0);
  });
});
