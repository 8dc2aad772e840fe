import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { knownText } from '../../../core/image/known-files.js';

let layer: string;
let reads: number;
let text: string | undefined;
const read = () => {
  reads++;
  return text;
};
const asked = () => knownText(layer, '/etc/passwd', read);
const passwd = () => join(layer, 'etc/passwd');
/** Longer than what changed may change again unseen. */
const settle = () => sleep(80);

function write(content: string): void {
  text = content;
  writeFileSync(passwd(), content);
}

beforeEach(() => {
  layer = mkdtempSync(join(tmpdir(), 'tsbox-known-'));
  mkdirSync(join(layer, 'etc'));
  reads = 0;
});
afterEach(() => rmSync(layer, { recursive: true }));

describe('the text of a file of an image', () => {
  it('is read once where it has been left alone', async () => {
    write('one');
    await settle();
    expect([asked(), asked(), asked()]).toEqual(['one', 'one', 'one']);
    expect(reads).toBe(1);
  });

  it('is read each time as long as it has just changed', () => {
    write('one');
    expect([asked(), asked(), asked()]).toEqual(['one', 'one', 'one']);
    expect(reads).toBe(3);
  });

  it('is read each time that it may change again within one tick of the clock', () => {
    for (let i = 0; i < 200; i++) {
      write(String(i).padStart(3));
      expect(asked()).toBe(String(i).padStart(3));
    }
    expect(reads).toBe(200);
  });

  it.each([
    ['written to', () => write('two')],
    [
      'replaced',
      () => {
        text = 'two';
        writeFileSync(join(layer, 'etc/new'), text);
        renameSync(join(layer, 'etc/new'), passwd());
      },
    ],
    [
      'written to, with its old times',
      () => {
        write('two');
        utimesSync(passwd(), 1, 1);
      },
    ],
    [
      'gone',
      () => {
        text = undefined;
        rmSync(passwd());
      },
    ],
    [
      'a link now',
      () => {
        text = 'two';
        rmSync(passwd());
        symlinkSync('elsewhere', passwd());
      },
    ],
  ])('is read again when the file is %s', async (_, change) => {
    write('one');
    utimesSync(passwd(), 1, 1);
    await settle();
    expect([asked(), asked()]).toEqual(['one', 'one']);
    change();
    expect(asked()).toBe(text);
    await settle();
    expect(asked()).toBe(text);
  });

  it('is read each time where a directory of the path is a link', async () => {
    write('one');
    renameSync(join(layer, 'etc'), join(layer, 'real'));
    symlinkSync('real', join(layer, 'etc'));
    await settle();
    expect([asked(), asked()]).toEqual(['one', 'one']);
    expect(reads).toBe(2);
  });
});
