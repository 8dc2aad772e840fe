import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { refusal, specOf } from './support.js';

const directory = mkdtempSync(join(tmpdir(), 'tsbox-env-'));
afterAll(() => rmSync(directory, { recursive: true }));

function envFile(content: string | Uint8Array): string {
  const path = join(directory, `${Math.random()}`);
  writeFileSync(path, content);
  return path;
}

describe('variables', () => {
  it('K=V is set, K is copied, a K that the caller lacks is left out', () => {
    expect(specOf({ env: ['A=1', 'HOME', 'NOT_THERE', 'B=', 'EMPTY', 'C=x=y'] }).env).toEqual([
      'A=1',
      'HOME=/home/me',
      'B=',
      'EMPTY=',
      'C=x=y',
    ]);
  });

  it('a table of a config file is the same as a list', () => {
    expect(specOf({ env: { A: '1', B: 2, C: true } }).env).toEqual(['A=1', 'B=2', 'C=true']);
  });

  it('a file has lines, comments and names to copy, and quotes nothing', () => {
    const path = envFile('\uFEFF# comment\n\nA=1\r\n  B= two words \nHOME\nC="quoted"\n#D=4\nNOT_THERE\n');
    expect(specOf({ envFile: [path] }).env).toEqual(['A=1', 'B= two words ', 'HOME=/home/me', 'C="quoted"']);
  });

  it('what is named wins over files', () => {
    expect(specOf({ envFile: [envFile('A=file\n')], env: ['A=flag'] }).env).toEqual(['A=file', 'A=flag']);
  });

  it('a bad line is named by its number', () => {
    expect(refusal({ envFile: [envFile('A=1\n=2\n')] }).why).toContain('line 2');
    expect(refusal({ envFile: [envFile('A B=1\n')] }).why).toContain('white space');
  });

  it('a file that is missing or no text is refused', () => {
    expect(refusal({ envFile: [join(directory, 'nosuch')] }).why).toContain('ENOENT');
    expect(refusal({ envFile: [envFile(new Uint8Array([0x41, 0x3d, 0xff, 0xfe]))] }).why).toContain('UTF-8');
    expect(refusal({ envFile: [envFile('A=\0\n')] }).why).toContain('NUL');
  });

  it.each(['', '=1', 'A=\0'])('%j is refused', (text) => {
    expect(refusal({ env: [text] }).what).toContain('--env');
  });
});

describe('users', () => {
  it.each(['0', '1000:1000', 'www-data', 'me:staff', '4294967294', '1000abc', 'a.b_c-d'])('%s is taken', (user) => {
    expect(specOf({ user }).user).toBe(user);
  });

  it.each(['', ':', '0:', ':0', '-1', '+1', '00', '007', '4294967295', '99999999999', '1.5', '1:2:3', 'a b', '1:-1'])(
    '%j is refused',
    (user) => {
      expect(refusal({ user }).what).toContain('--user');
    },
  );

  it('groups are checked in the same way', () => {
    expect(specOf({ groupAdd: ['audio', '44'] }).groups).toEqual(['audio', '44']);
    expect(refusal({ groupAdd: ['4294967295'] }).what).toContain('--group-add');
  });
});

describe('the rest of the process', () => {
  it('an entrypoint replaces, an empty one clears', () => {
    expect(specOf({ entrypoint: '/bin/sh' }).entrypoint).toEqual(['/bin/sh']);
    expect(specOf({ entrypoint: '' }).entrypoint).toEqual([]);
    expect(specOf({})).not.toHaveProperty('entrypoint');
  });

  it.each(['a', '-ab', 'a b', 'a/b', '../x', 'x'.repeat(129), ''])('the name %j is refused', (name) => {
    expect(refusal({ name }).what).toContain('--name');
  });

  it('a working directory is absolute', () => {
    expect(specOf({ workdir: '/srv' }).workdir).toBe('/srv');
    expect(refusal({ workdir: 'srv' }).why).toContain('absolute');
  });

  it('a NUL byte is refused everywhere', () => {
    expect(refusal({ workdir: '/srv\0/etc' }).why).toContain('NUL');
    expect(refusal({ capAdd: ['ALL\0'] }).why).toContain('NUL');
  });
});
