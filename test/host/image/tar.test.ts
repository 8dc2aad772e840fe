import { execFileSync } from 'node:child_process';
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { resolveImage } from '../../../core/image/index.js';
import { readHost } from '../../../core/kernel/host.js';
import { LibcGate } from '../../../core/kernel/libc-gate.js';
import { skipUnless } from '../../support/skip.js';
import { tar } from '../../unit/image/tar-builder.js';

const root = skipUnless('root');
let base: string;
const run = (program: string, ...args: string[]) => execFileSync(program, args, { encoding: 'utf8' });
const unpack = async (path: string) => {
  const warnings: string[] = [];
  const context = {
    root: join(base, 'root'),
    gate: new LibcGate(),
    host: readHost(),
    warn: (text: string) => warnings.push(text),
  };
  const image = await resolveImage(path, context);
  return { layer: image.layers[0] as string, warnings };
};
/** One line for each file: type, mode, owner, links, size, device, times, target. */
const list = (tree: string) =>
  run('find', tree, '-printf', '%P %y %m %U:%G %n %D %T@ %l\n')
    .replace(/ [0-9]+ (?=[0-9]+\.)/g, ' ')
    .split('\n')
    .sort();

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'tsbox-tar-'));
});
afterEach(() => rmSync(base, { recursive: true }));

root.describe('a tar image, unpacked by root', () => {
  function makeTree(): string {
    const tree = join(base, 'tree');
    mkdirSync(join(tree, 'd/e'), { recursive: true });
    const script = `
      cd "$0"; echo hello > file; chown 1000:50 file; chmod 4751 file; ln file d/hard; ln -s ../file d/soft
      chown -h 7:8 d/soft; touch -h -d @1000.25 d/soft; mknod null c 1 3; chmod 666 null; mknod disk b 259 70000; mkfifo pipe
      head -c 3000000 /dev/urandom > large; touch -d @1234567890.123456789 large; : > empty
      printf '\\001\\000\\000\\002\\000\\040\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000' > /dev/null
      mkdir -m 1777 t; mkdir -m 2755 g; chown :5 g; chmod 2755 g; touch -d @5 d/e d g t; touch "name with spaces" "ü"
      touch "$(printf 'x%.0s' $(seq 200))"; chmod 0711 .`;
    run('sh', '-c', script, tree);
    return tree;
  }

  it.each(['pax', 'gnu', 'ustar'])('is the same tree as it was: format %s', async (format) => {
    const tree = makeTree();
    // These two formats have no fractions of a second, and ustar no long names.
    if (format !== 'pax') run('sh', '-c', 'find "$0" -exec touch -h -d @77 {} +', tree);
    if (format === 'ustar') run('sh', '-c', 'rm "$0"/x*; touch -d @77 "$0"', tree);
    const archive = join(base, 'image.tar');
    run('tar', `--format=${format}`, '--xattrs', '-C', tree, '-cf', archive, '.');
    const { layer, warnings } = await unpack(archive);
    expect(list(layer)).toEqual(list(tree));
    expect(
      run('diff', '-r', '--no-dereference', '--exclude=null', '--exclude=disk', '--exclude=pipe', tree, layer),
    ).toBe('');
    expect(warnings).toEqual([]);
    expect(lstatSync(join(layer, 'disk')).rdev).toBe(lstatSync(join(tree, 'disk')).rdev);
  });

  it.each([['gnu'], ['pax', '--sparse-version=0.1'], ['pax', '--sparse-version=1.0']])(
    'keeps the holes of sparse files: format %s %s',
    async (format, ...more) => {
      const tree = join(base, 'sparse');
      mkdirSync(tree);
      const script = `cd "$0"; for i in $(seq 0 70); do echo "piece $i" | dd of=many bs=1 seek=$((i * 70000)) conv=notrunc status=none; done
        truncate -s 9000000 many; truncate -s 5000000 hole; echo end | dd of=last bs=1 seek=3000000 status=none; echo plain > plain`;
      run('sh', '-c', script, tree);
      const archive = join(base, 'image.tar');
      run('tar', '--sparse', `--format=${format}`, ...more, '-C', tree, '-cf', archive, '.');
      const { layer } = await unpack(archive);
      expect(run('diff', '-r', tree, layer)).toBe('');
      for (const name of ['many', 'hole', 'last']) {
        expect(lstatSync(join(layer, name)).size).toBe(lstatSync(join(tree, name)).size);
        expect(lstatSync(join(layer, name)).blocks).toBeLessThan(2000);
      }
    },
  );

  it('keeps capabilities and attributes of files', async () => {
    const archive = join(base, 'image.tar');
    const capability = Buffer.from('0100000200200000000000000000000000000000', 'hex');
    writeFileSync(
      archive,
      tar({
        name: 'ping',
        uid: 5,
        mode: 0o755,
        pax: { 'SCHILY.xattr.security.capability': capability, 'SCHILY.xattr.user.a': 'b' },
      }),
    );
    const { layer } = await unpack(archive);
    const value = Buffer.alloc(64);
    const gate = new LibcGate();
    const length = gate.call('lgetxattr', join(layer, 'ping'), 'security.capability', value, value.length);
    expect(value.subarray(0, length)).toEqual(capability);
    expect(gate.call('lgetxattr', join(layer, 'ping'), 'user.a', value, value.length)).toBe(1);
  });

  it('is closed to other users', async () => {
    const archive = join(base, 'image.tar');
    writeFileSync(archive, tar({ name: 'su', mode: 0o4755 }));
    const { layer } = await unpack(archive);
    run('chmod', '711', base);
    const other = ['--reuid=65534', '--regid=65534', '--clear-groups'];
    expect(() => run('setpriv', ...other, 'stat', join(layer, 'su'))).toThrow(/Permission denied/);
  });

  it('leaves nothing but the image', async () => {
    const tree = makeTree();
    const archive = join(base, 'image.tar');
    run('tar', '-C', tree, '-czf', archive, '.');
    const before = readdirSync(base);
    const { layer } = await unpack(archive);
    expect(list(layer)).toHaveLength(list(tree).length);
    expect(readdirSync(base).sort()).toEqual([...before, 'root'].sort());
    expect(readdirSync(join(base, 'root/images'))).toEqual(['.tar']);
  });

  it('leaves room for a second try when the disk was full', async () => {
    const small = join(base, 'root');
    mkdirSync(small);
    const archive = join(base, 'image.tar');
    writeFileSync(archive, tar({ name: 'a', body: Buffer.alloc(3_000_000) }));
    run('mount', '-t', 'tmpfs', '-o', 'size=1m', 'tsbox-test', small);
    try {
      await expect(unpack(archive)).rejects.toMatchObject({
        code: 'ERR_TSBOX_STEP_FAILED',
        message: expect.stringMatching(/ENOSPC/),
      });
      expect(run('find', small, '-type', 'f')).toBe('');
      run('mount', '-o', 'remount,size=9m', small);
      await expect(unpack(archive)).resolves.toMatchObject({ warnings: [] });
    } finally {
      run('umount', small);
    }
  });
});
