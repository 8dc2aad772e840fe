import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect } from 'vitest';
import type { Gate } from '../../../core/kernel/gate.js';
import { TreeCopier } from '../../../plugins/storage-copy/tree-copier.js';
import { gate, host } from '../../contract/storage-bench.js';
import { skipUnless } from '../../support/skip.js';
import { tempDirectory } from '../../support/temp-root.js';

const { describe, it } = skipUnless('root', 'attr');
const MODES = ['644', '755', '600', '444', '000', '640', '666', '777', '4755', '2755', '1644', '6777'];

const real = gate;
/** The kernel, with a list of the calls that were made. */
function listening(): { gate: Gate; made: string[] } {
  const made: string[] = [];
  const call: Gate['call'] = (name, ...args) => {
    made.push(name);
    return real.call(name, ...args);
  };
  return { made, gate: Object.assign(Object.create(real) as Gate, { arch: real.arch, call }) };
}

describe('the modes of copies', () => {
  const base = tempDirectory();
  const umask = process.umask();
  afterEach(() => void process.umask(umask));
  const inShell = (cwd: string, script: string) =>
    execFileSync('bash', ['--norc', '-euc', script], { cwd, encoding: 'utf8' });
  const make = (name: string, script: string): [string, string] => {
    const [source, target] = [join(base, name), join(base, `${name}-copy`)];
    for (const path of [source, target]) mkdirSync(path);
    inShell(source, script);
    return [source, target];
  };
  const shown = (directory: string) =>
    inShell(directory, 'stat -c "%n %a %u:%g" *; getfacl -pn * | grep -v "^#"; getfattr -d -m user. * | cat');

  it.each([
    ['nothing is masked', 0],
    ['this process makes files that only it can read', 0o077],
    ['a usual umask is set', 0o022],
  ])('are those of the files where %s', async (name, mask) => {
    const script = MODES.map((mode) => `echo ${mode} > f${mode}; chmod ${mode} f${mode}; cp -p f${mode} g${mode}`);
    const owners = MODES.map((mode) => `chown 1000:1001 g${mode}; chmod ${mode} g${mode}`);
    const [source, target] = make(name.replaceAll(' ', '-'), [...script, ...owners].join('\n'));
    process.umask(mask);
    await new TreeCopier(gate, host).copy({ layers: [source], target });
    expect(shown(target)).toBe(shown(source));
  });

  it('are those of the files below a directory that gives its files a list of its own', async () => {
    const [source, target] = make('listed', 'echo x > plain; chmod 640 plain; echo y > open; chmod 666 open');
    execFileSync('setfacl', ['-m', 'd:u:1000:rwx,d:g::rwx,d:o::rwx', target]);
    await new TreeCopier(gate, host).copy({ layers: [source], target });
    const modes = (directory: string) => inShell(directory, 'stat -c "%n %a" *');
    expect(modes(target)).toBe(modes(source));
  });

  it('and their lists are those of files that have some', async () => {
    const script = 'echo x > a; setfacl -m u:1000:rw,m::r a; echo y > b; setfattr -n user.k -v v b; chmod 604 b';
    const [source, target] = make('lists', script);
    await new TreeCopier(gate, host).copy({ layers: [source], target });
    expect(shown(target)).toBe(shown(source));
  });

  it('are right where the program changes its umask while it is copied', async () => {
    const [source, target] = make(
      'changed',
      'head -c 9000000 /dev/zero > large; for i in 1 2 3; do cp large l$i; done; chmod 666 *',
    );
    process.umask(0);
    const copying = new TreeCopier(gate, host).copy({ layers: [source], target });
    process.umask(0o077);
    await copying;
    expect(inShell(target, 'stat -c %a *')).toBe('666\n'.repeat(4));
  });

  it('take no call of their own where a file can be born with its mode', async () => {
    const [source, target] = make(
      'born',
      'for i in 1 2 3; do echo $i > $i; chmod 644 $i; done; echo s > s; chmod 4711 s',
    );
    const { gate: heard, made } = listening();
    process.umask(0o022);
    await new TreeCopier(heard, host).copy({ layers: [source], target });
    // Of the target when it is begun, of the one with a set-user-id bit, and of the target when it is done.
    expect(made.filter((name) => name === 'fchmod')).toHaveLength(3);
  });
});
