import { describe, expect, it } from 'vitest';
import type { Op } from '../../../core/program/op.js';
import type { LinkPolicy } from '../../../core/program/target-path.js';
import { lines, record } from '../../support/recording.js';

function recorded(
  target: string,
  kind: 'file' | 'directory' = 'directory',
  links: LinkPolicy = 'follow',
): readonly Op[] {
  return record('childSetup', (child) => child.makePath(target, kind, links)).block('inside');
}

function resolveFlags(op: Op | undefined): bigint {
  return Buffer.from(op?.args[2] as Uint8Array).readBigUInt64LE(16);
}

describe('a target', () => {
  it('is opened by one call where it exists', () => {
    const ops = recorded('/data/deep');
    expect(ops[0]).toMatchObject({ name: 'openat2', tolerate: { errnos: ['ENOENT', 'EAGAIN'] } });
    expect(ops[0]?.goto?.position).toBe(ops.length);
  });

  it('is made component by component where it is missing, each below a descriptor', () => {
    const made = (kind: 'file' | 'directory') =>
      lines(recorded('/data//deep/', kind)).filter((text) => /^mk/.test(text));
    expect(made('directory')).toEqual(['mkdirat $dir:/data//deep/ data 493', 'mkdirat $dir:/data//deep/ deep 493']);
    expect(made('file')).toEqual([
      'mkdirat $dir:/data//deep/ data 493',
      `mknodat $dir:/data//deep/ deep ${0o100644} 0`,
    ]);
  });

  it('is tried again when something else on the machine was mounted meanwhile', () => {
    const last = recorded('/data').slice(-3);
    expect(last.map(({ name, tolerate }) => [name, tolerate?.errnos])).toEqual([
      ['openat2', ['EAGAIN']],
      ['openat2', ['EAGAIN']],
      ['openat2', undefined],
    ]);
    expect(new Set(last.slice(0, 2).map(({ goto }) => goto?.position))).toEqual(new Set([recorded('/data').length]));
  });

  it('never leads out of the root or through a magic link', () => {
    for (const op of recorded('/a/b').filter(({ name }) => name === 'openat2'))
      expect(resolveFlags(op) & 0x12n).toBe(0x12n);
  });

  it('has no "..": what it means would depend on links', () => {
    expect(() => recorded('/a/../b')).toThrow(RangeError);
  });

  it('may refuse links, or be the link itself', () => {
    expect(resolveFlags(recorded('/a', 'directory', 'refuse')[0]) & 0x4n).toBe(0x4n);
    const how = Buffer.from(recorded('/a', 'file', 'cover')[0]?.args[2] as Uint8Array);
    expect(how.readBigUInt64LE(0) & 0x20000n).toBe(0x20000n);
  });
});
