import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { REPOSITORY, runCli } from '../../support/run-cli.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';

const { describe, it } = skipUnless('root');
const { directory, flags, root, runroot } = tempRoot();
const page = readFileSync(join(REPOSITORY, 'docs/tracing.md'), 'utf8');
const run = promisify(execFile);

describe('docs/tracing.md', () => {
  const blocks = [...page.matchAll(/```sh\n(.*?)```/gs)].map(([, text]) => text as string);
  const commands = blocks.flatMap((block) => block.trim().split('\n')).map((line) => line.replace(/ +#.*/, ''));

  it.each(commands)('%s', async (command) => {
    const [program, ...args] = command.split(' ');
    expect(program).toBe('tsbox');
    const { status, stdout, stderr } = await runCli([...flags, ...args], { cwd: directory });
    expect(status, stderr).toBe(0);
    if (args[0] === 'plan') expect(stdout).not.toBe('');
    if (command.includes('trace.html'))
      expect(readFileSync(join(directory, 'trace.html'), 'utf8')).toMatch(/^<!doctype/);
    if (command.includes('json')) expect(() => JSON.parse(stdout || stderr)).not.toThrow();
  });

  it('has an example of spans that works', async () => {
    const [, example] = /```js\n(import .*?)```/s.exec(page) as unknown as [string, string];
    mkdirSync(join(directory, 'node_modules'));
    symlinkSync(REPOSITORY, join(directory, 'node_modules/tsbox'));
    // Node 20 has no `await using`; the state is the test's own.
    const text = example
      .replace('await using engine', 'const engine')
      .replace('createEngine({', `createEngine({ root: '${root}', runroot: '${runroot}',`);
    writeFileSync(join(directory, 'spans.mjs'), `${text}await engine.close();\nconsole.log(JSON.stringify(spans));\n`);
    const { stdout } = await run(process.execPath, ['spans.mjs'], { cwd: directory, timeout: 60_000 });
    const [said, json] = stdout.split('\n') as [string, string];
    expect(said).toMatch(/^\d+ spans; the first engine mkdir, the last launch host$/);
    const spans: { name: string; parent?: string; start: number; end: number }[] = JSON.parse(json);
    expect(spans.length).toBeGreaterThan(100);
    const launch = spans.at(-1) as (typeof spans)[0];
    expect(new Set(spans.slice(0, -1).map(({ parent }) => parent)).size).toBe(1);
    for (const { start, end } of spans) {
      expect(end).toBeGreaterThanOrEqual(start);
      expect(start).toBeGreaterThan(launch.start - 1);
      expect(end).toBeLessThan(launch.end + 1);
    }
  });
});
