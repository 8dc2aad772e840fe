import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { collectGarbage } from '../../../core/engine/gc.js';
import type { PluginRegistry } from '../../../core/engine/registry.js';
import { LibcGate } from '../../../core/kernel/libc-gate.js';
import type { UndoContext } from '../../../core/plugin/plugin.js';
import { Journal } from '../../../core/state/journal.js';

let directory: string;
let context: UndoContext;
let undone: string[];
const registry = {
  undo: async () => (args: { name: string }) => void undone.push(args.name),
} as unknown as PluginRegistry;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tsbox-gc-'));
  const [root, runroot] = [join(directory, 'root'), join(directory, 'run')];
  for (const path of [root, runroot]) mkdirSync(path);
  const host = { uid: 0, gid: 0, privileged: true, kernel: [6, 18] } as UndoContext['host'];
  context = { gate: new LibcGate(), host, root, runroot };
  undone = [];
});
afterEach(() => rmSync(directory, { recursive: true }));

const idOf = (index: number) => index.toString(16).padStart(64, '0');
const files = () => readdirSync(join(context.runroot, 'journal')).sort();

function journalOf(index: number): Journal {
  const journal = new Journal(context.runroot, idOf(index));
  journal.acquire({ plugin: 'p', kind: 'k', args: { name: String(index) } });
  return journal;
}

/** Makes a journal one of a process that is no more. */
function orphan(index: number): void {
  const { pid } = spawnSync('true');
  const journal = journalOf(index);
  journal.abandon();
  writeFileSync(journal.path, readFileSync(journal.path, 'utf8').replace(`"pid":${process.pid}`, `"pid":${pid}`));
  rmSync(join(context.runroot, 'journal', `${idOf(index)}@${process.pid}`));
  symlinkSync(`${idOf(index)}.jsonl`, join(context.runroot, 'journal', `${idOf(index)}@${pid}`));
}

describe('the pass at every start', () => {
  it('reads none of a thousand journals of living owners', { timeout: 120_000 }, async () => {
    for (let index = 0; index < 1000; index++) {
      const journal = journalOf(index);
      journal.abandon();
      // Whoever reads it complains.
      writeFileSync(journal.path, 'garbage\n');
    }
    await collectGarbage(registry, context, false);
    const start = performance.now();
    expect(await collectGarbage(registry, context, false)).toEqual({ cleaned: [], failures: [] });
    const cheap = performance.now() - start;
    expect((await collectGarbage(registry, context, true)).failures).toHaveLength(1000);
    expect(undone).toEqual([]);
    console.log(`1000 living journals: ${cheap.toFixed(1)} ms`);
    expect(cheap).toBeLessThan(100);
  });

  it('takes back what a dead owner held, and leaves the others', async () => {
    const living = journalOf(1);
    orphan(2);
    expect(await collectGarbage(registry, context, false)).toEqual({ cleaned: [idOf(2)], failures: [] });
    expect(undone).toEqual(['2']);
    expect(files()).toEqual([`${idOf(1)}.jsonl`, `${idOf(1)}@${process.pid}`]);
    living.close();
    expect(files()).toEqual([]);
  });

  it('finds a journal by its new owner when it was given away', async () => {
    const { pid } = spawnSync('true');
    const journal = journalOf(1);
    journal.giveTo({ pid, startTime: '1', bootId: 'here' });
    journal.abandon();
    expect(files()).toEqual([`${idOf(1)}.jsonl`, `${idOf(1)}@${pid}`]);
    await collectGarbage(registry, context, false);
    expect(undone).toEqual(['1']);
    expect(files()).toEqual([]);
  });

  it('removes a mark whose journal is gone, and a journal that was never finished', async () => {
    const { pid } = spawnSync('true');
    mkdirSync(join(context.runroot, 'journal'));
    symlinkSync('x', join(context.runroot, 'journal', `${idOf(1)}@${pid}`));
    writeFileSync(join(context.runroot, 'journal', `.making-${pid}-${idOf(2)}.jsonl`), '');
    await collectGarbage(registry, context, false);
    expect(files()).toEqual([]);
  });
});

describe('a journal that is damaged', () => {
  it('in its first line is left alone, and named', async () => {
    orphan(1);
    const path = join(context.runroot, 'journal', `${idOf(1)}.jsonl`);
    writeFileSync(path, `{"version":99}\n${readFileSync(path, 'utf8')}`);
    const { failures } = await collectGarbage(registry, context, false);
    expect(failures.map(({ message }) => message)).toEqual([`cannot read all of ${path}: it has version 99`]);
    expect(undone).toEqual([]);
    expect(files()).toContain(`${idOf(1)}.jsonl`);
  });

  it('in another line: all else is taken back, and the line is named', async () => {
    orphan(1);
    const path = join(context.runroot, 'journal', `${idOf(1)}.jsonl`);
    const more = JSON.stringify({ seq: 7, plugin: 'p', kind: 'k', args: { name: 'after' } });
    writeFileSync(path, `${readFileSync(path, 'utf8')}null\n${more}\n`);
    const { failures } = await collectGarbage(registry, context, false);
    expect(failures.map(({ message }) => message)).toEqual([`cannot read all of ${path}: line 3 is damaged`]);
    expect(undone).toEqual(['after', '1']);
    expect(files()).toEqual([]);
  });
});
