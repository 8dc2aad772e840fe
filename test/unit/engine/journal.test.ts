import { appendFileSync, closeSync, existsSync, mkdtempSync, openSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PluginRegistry } from '../../../core/engine/registry.js';
import { undo } from '../../../core/engine/teardown.js';
import type { Undo, UndoContext } from '../../../core/plugin/plugin.js';
import { Journal, readJournal } from '../../../core/state/journal.js';
import { identify, isAlive } from '../../../core/state/process-identity.js';

let runroot: string;
beforeEach(() => {
  runroot = mkdtempSync(join(tmpdir(), 'tsbox-journal-'));
});
afterEach(() => rmSync(runroot, { recursive: true }));

const id = 'a'.repeat(64);

/** As another process does it. */
function read(journal: Journal) {
  const fd = openSync(journal.path, 'r');
  try {
    return readJournal(fd);
  } finally {
    closeSync(fd);
  }
}

describe('the journal', () => {
  it('has its header from the first moment, and beside it only the mark that says whose it is', () => {
    const journal = new Journal(runroot, id);
    expect(readdirSync(join(runroot, 'journal')).sort()).toEqual([`${id}.jsonl`, `${id}@${process.pid}`]);
    expect(read(journal).header?.container).toBe(id);
    journal.close();
  });

  it('lists what is held, newest first, to whoever reads the file', () => {
    const journal = new Journal(runroot, id);
    journal.acquire({ plugin: 'p', kind: 'link', args: { name: 'one' } });
    const second = journal.acquire({ plugin: 'p', kind: 'link', args: { name: 'two' } });
    journal.acquire({ plugin: 'q', kind: 'lease', args: {} });
    journal.release(second);
    const { header, held } = read(journal);
    expect(header).toMatchObject({ version: 1, container: id, owner: { pid: process.pid } });
    expect(held.map(({ plugin, args }) => [plugin, args])).toEqual([
      ['q', {}],
      ['p', { name: 'one' }],
    ]);
    journal.close();
  });

  it('is readable when its last line was cut', () => {
    const journal = new Journal(runroot, id);
    journal.acquire({ plugin: 'p', kind: 'link', args: {} });
    appendFileSync(journal.path, '{"seq":1,"plug');
    expect(read(journal).held).toHaveLength(1);
    journal.abandon();
  });

  it('is gone when it is closed, and stays when it is abandoned', () => {
    const one = new Journal(runroot, id);
    one.close();
    expect(readdirSync(join(runroot, 'journal'))).toEqual([]);
    const two = new Journal(runroot, id);
    two.abandon();
    expect(existsSync(two.path)).toBe(true);
  });

  it('is made for one container once', () => {
    const journal = new Journal(runroot, id);
    expect(() => new Journal(runroot, id)).toThrow(/EEXIST/);
    journal.close();
  });
});

describe('undoing', () => {
  const context = {} as UndoContext;

  function registryOf(undoes: Record<string, Undo>): PluginRegistry {
    return { undo: async (_plugin: string, kind: string) => undoes[kind] as Undo } as unknown as PluginRegistry;
  }

  it('goes newest first, does not stop at a failure, and returns it', async () => {
    const journal = new Journal(runroot, id);
    for (const kind of ['a', 'b', 'c']) journal.acquire({ plugin: 'p', kind, args: {} });
    const log: string[] = [];
    const failing: Undo = () => {
      throw new Error('busy');
    };
    const note =
      (name: string): Undo =>
      () =>
        void log.push(name);
    const failures = await undo(journal, {
      registry: registryOf({ a: note('a'), b: failing, c: note('c') }),
      context,
      keep: false,
    });
    expect(log).toEqual(['c', 'a']);
    expect(failures.map((error) => [error.message, (error.cause as Error).message])).toEqual([
      ['p could not undo b', 'busy'],
    ]);
    expect(journal.held.map(({ kind }) => kind)).toEqual(['b']);
    journal.close();
  });

  it('leaves what belongs to the container when it is told to', async () => {
    const journal = new Journal(runroot, id);
    journal.acquire({ plugin: 'p', kind: 'directory', args: {}, keep: true });
    journal.acquire({ plugin: 'p', kind: 'link', args: {} });
    await undo(journal, { registry: registryOf({ directory: () => {}, link: () => {} }), context, keep: true });
    expect(journal.held.map(({ kind }) => kind)).toEqual(['directory']);
    journal.close();
  });
});

describe('the identity of a process', () => {
  it('knows this process, and no other with its pid', () => {
    const own = identify(process.pid);
    expect(isAlive(own)).toBe(true);
    expect(isAlive({ ...own, startTime: '1' })).toBe(false);
    expect(isAlive({ ...own, bootId: 'another boot' })).toBe(false);
  });
});
