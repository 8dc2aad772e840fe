import { appendFileSync, mkdirSync, renameSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { type FollowLogOptions, followLog } from '../../../core/log/index.js';
import { tempDirectory } from '../../support/temp-root.js';
import { until } from '../../support/until.js';

const state = tempDirectory();
let directory: string;
let number = 0;
beforeEach(() => {
  directory = join(state, `${number++}`);
  mkdirSync(directory);
});

const entry = (text: string, kind = 'F') => `2001-11-22T03:04:05.123456789Z stdout ${kind} ${text}\n`;
const path = (name: string) => join(directory, name);
const append = (text: string) => appendFileSync(path('log'), entry(text));
/** As the monitor rotates. */
function rotate(files: number): void {
  for (let i = files - 1; i > 0; i--) {
    try {
      renameSync(path(i === 1 ? 'log' : `log.${i - 1}`), path(`log.${i}`));
    } catch {}
  }
  writeFileSync(path('log'), '');
}

function follow(options: Partial<FollowLogOptions> = {}) {
  const seen: string[] = [];
  let end: () => void = () => {};
  const ended = new Promise<void>((resolve) => (end = resolve));
  const done = (async () => {
    for await (const { text } of followLog(directory, { ended, ...options })) seen.push(text.toString());
  })();
  return { seen, end, done };
}

describe('followLog', () => {
  it('gives what is there, then what comes, and ends with what was written before the end', async () => {
    append('old');
    const { seen, end, done } = follow();
    await until(() => seen.length === 1);
    append('new');
    await until(() => seen.length === 2);
    append('last');
    end();
    await done;
    expect(seen).toEqual(['old\n', 'new\n', 'last\n']);
  });

  it('waits for a log that is not there yet', async () => {
    const { seen, end, done } = follow();
    append('first');
    await until(() => seen.length === 1);
    end();
    await done;
  });

  it('gives an entry once it is whole', async () => {
    const { seen, end, done } = follow();
    appendFileSync(path('log'), entry('in two writes').slice(0, 45));
    append('x'); // the rest of it
    await until(() => seen.length === 1);
    end();
    await done;
    expect(seen[0]).toMatch(/^in tw2001.*x\n$/);
  });

  it('loses and repeats nothing through 50 rotations, with all files there', async () => {
    const { seen, end, done } = follow();
    for (let i = 0; i < 500; i++) {
      append(`${i}`);
      if (i % 10 === 9) rotate(100);
      if (i % 7 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    end();
    await done;
    expect(seen).toEqual(Array.from({ length: 500 }, (_, i) => `${i}\n`));
  });

  it('goes on where files it never saw were removed', async () => {
    append('old');
    const { seen, end, done } = follow();
    await until(() => seen.length === 1);
    for (let i = 0; i < 10; i++) {
      rotate(2);
      append(`${i}`);
    }
    await until(() => seen.at(-1) === '9\n');
    end();
    await done;
    expect(seen.slice(0, 1)).toEqual(['old\n']);
    expect(new Set(seen).size).toBe(seen.length);
  });

  it('reads what was written to the only file before it was replaced', async () => {
    append('old');
    const { seen, end, done } = follow();
    await until(() => seen.length === 1);
    append('last of the old');
    unlinkSync(path('log'));
    append('new');
    await until(() => seen.length === 3);
    end();
    await done;
    expect(seen).toEqual(['old\n', 'last of the old\n', 'new\n']);
  });

  it('begins anew where somebody emptied the file', async () => {
    append('old and long');
    const { seen, end, done } = follow();
    await until(() => seen.length === 1);
    truncateSync(path('log'), 0);
    append('new');
    await until(() => seen.length === 2);
    end();
    await done;
    expect(seen[1]).toBe('new\n');
  });

  it('begins at the tail, and gives all that comes', async () => {
    for (const text of ['a', 'b', 'c']) append(text);
    const { seen, end, done } = follow({ tail: 1 });
    await until(() => seen.length === 1);
    appendFileSync(path('log'), entry('wrong').replace('stdout', 'stderr'));
    append('d');
    await until(() => seen.length === 3);
    end();
    await done;
    expect(seen).toEqual(['c\n', 'wrong\n', 'd\n']);
  });

  it('stops at once when it is aborted', async () => {
    append('old');
    const abort = new AbortController();
    const { seen, done } = follow({ signal: abort.signal });
    await until(() => seen.length === 1);
    abort.abort();
    await done;
  });

  it('ends when its time has come', async () => {
    append('old');
    const last = BigInt(Date.now() + 100) * 1_000_000n;
    const { seen, done } = follow({ until: last });
    await done;
    expect(BigInt(Date.now()) * 1_000_000n).toBeGreaterThanOrEqual(last);
    expect(seen).toEqual(['old\n']);
  });
});
