import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { busyboxImage } from '../../support/image.js';
import { runCli } from '../../support/run-cli.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';

const { describe, it } = skipUnless('root', 'busybox');

describe('what a command gets of its caller', () => {
  it('blocks, although a plugin has made Node look at the streams', async () => {
    const { directory, flags } = tempRoot();
    const image = busyboxImage(join(directory, 'image'));
    const plugin = join(directory, 'nosy.mjs');
    const looks = '[process.stdin, process.stdout, process.stderr].map((stream) => stream.isTTY)';
    writeFileSync(
      plugin,
      `export default { name: 'nosy', apiVersion: 1, hooks: { preClone: () => void ${looks} } };\n`,
    );
    const config = join(directory, 'config.json');
    writeFileSync(config, JSON.stringify({ plugins: [plugin] }), { mode: 0o600 });
    const script = 'for fd in 0 1 2; do grep flags /proc/self/fdinfo/$fd; done';
    const options = ['--config', config, 'run', '--rm', '-i', '--network=none', image, 'sh', '-c', script];
    const { stdout, stderr } = await runCli([...flags, ...options]);
    const nonBlocking = stdout.match(/\d+/g)?.map((flags) => Number.parseInt(flags, 8) & 0o4000);
    expect({ nonBlocking, stderr }).toEqual({ nonBlocking: [0, 0, 0], stderr: '' });
  });
});
