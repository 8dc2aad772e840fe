import { linkSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { moveHostsAddress, withAddress, withNames, writeHostsNames } from '../../../core/plugin/hosts-names.js';
import { tempDirectory } from '../../support/temp-root.js';

const OWN = '127.0.0.1\tlocalhost\n10.217.0.2\tweb\n';

describe('the names in /etc/hosts', () => {
  const directory = tempDirectory();
  const file = (text: string) => {
    const path = join(directory, `hosts-${Math.random()}`);
    writeFileSync(path, text);
    return path;
  };

  it('are put at the end, replaced in their place, and taken away', () => {
    const one = withNames(OWN, ['10.217.0.3\tdb']);
    expect(one.startsWith(`${OWN}# `)).toBe(true);
    expect(one).toContain('\n10.217.0.3\tdb\n#');
    const edited = `${one}192.0.2.1\tmine\n`;
    const two = withNames(edited, ['10.217.0.4\tcache']);
    expect(two).toContain('\n10.217.0.4\tcache\n#');
    expect(two).not.toContain('\tdb');
    expect(withNames(two, [])).toBe(`${OWN}192.0.2.1\tmine\n`);
    expect(withNames(OWN, [])).toBe(OWN);
  });

  it('begin on a line of their own', () => {
    expect(withNames('127.0.0.1 localhost', ['10.0.0.1\tx']).split('\n')[0]).toBe('127.0.0.1 localhost');
  });

  it('end with the file where somebody cut it', () => {
    const cut = withNames(OWN, ['10.217.0.3\tdb']).slice(0, -5);
    expect(withNames(cut, [])).toBe(OWN);
  });

  it('keep the inode, shrink the file, and bytes that are no text', () => {
    const path = file('');
    writeFileSync(path, Buffer.from([0xff, 0xfe, 0x0a]));
    const inode = statSync(path).ino;
    expect(writeHostsNames(path, ['10.217.0.3\tdb', '10.217.0.4\tcache'])).toBe(true);
    expect(writeHostsNames(path, [])).toBe(true);
    expect([...readFileSync(path)]).toEqual([0xff, 0xfe, 0x0a]);
    expect(statSync(path).ino).toBe(inode);
  });

  it('are not written where there is no file, and through no link', () => {
    expect(writeHostsNames(join(directory, 'missing'), ['x'])).toBe(false);
    const target = file(OWN);
    symlinkSync(target, join(directory, 'link'));
    expect(() => writeHostsNames(join(directory, 'link'), ['10.217.0.3\tdb'])).toThrow(/ELOOP/);
    expect(readFileSync(target, 'utf8')).toBe(OWN);
  });

  it('are not written to a file that its container made too large', () => {
    const path = file('x'.repeat((1 << 20) + 1));
    expect(() => writeHostsNames(path, ['10.217.0.3\tdb'])).toThrow(/its container has written to it/);
  });

  it('leave the own names, which move with the address', () => {
    const names = withNames(OWN, ['10.217.0.2\tweb']);
    const moved = withAddress(names, '10.217.0.2', '10.217.16.2');
    expect(moved).toBe(names.replace('10.217.0.2\tweb\n#', '10.217.16.2\tweb\n#'));
    expect(withAddress(OWN, '10.217.0.9', '10.1.1.1')).toBe(OWN);
    const path = file(OWN);
    linkSync(path, join(directory, 'same'));
    moveHostsAddress(path, '10.217.0.2', '127.0.1.1');
    expect(readFileSync(join(directory, 'same'), 'utf8')).toContain('127.0.1.1\tweb');
  });
});
