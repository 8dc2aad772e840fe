import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventsOf } from '../../../core/containers/events.js';
import { LibcGate } from '../../../core/kernel/libc-gate.js';
import {
  appendEvent,
  containerEvent,
  dieEventParts,
  type EngineEvent,
  EVENTS_CHUNK,
  EventsFile,
  eventsPath,
  eventsStart,
} from '../../../core/state/events.js';
import { followEvents, readEvents } from '../../../core/state/read-events.js';

const gate = new LibcGate();
const BOX = { id: 'ab'.repeat(32), name: 'web', image: 'tiny', labels: { tier: 'front' } };
let runroot: string;

beforeEach(() => {
  runroot = mkdtempSync(join(tmpdir(), 'tsbox-events-'));
});
afterEach(() => rmSync(runroot, { recursive: true, force: true }));

const append = (action: string, more?: Record<string, string>): void =>
  appendEvent({ gate, runroot }, containerEvent(action, BOX, more));
/** Undefined for one that is closed by now. */
function linkOf(fd: string): string | undefined {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return undefined;
  }
}
const actions = (events: readonly EngineEvent[]): string[] => events.map(({ action }) => action);

describe('events', () => {
  it('are there for every process, in their order, with times that differ', () => {
    append('create');
    append('start');
    append('kill', { signal: '9' });
    const events = readEvents(runroot);
    expect(actions(events)).toEqual(['create', 'start', 'kill']);
    expect(events[2]).toMatchObject({
      type: 'container',
      id: BOX.id,
      attributes: { tier: 'front', image: 'tiny', name: 'web', signal: '9' },
    });
    const times = events.map(({ timeNano }) => timeNano);
    expect(times).toEqual([...new Set(times)].sort((a, b) => (a < b ? -1 : 1)));
    expect(Math.abs(Number((times[0] as bigint) / 1_000_000n) - Date.now())).toBeLessThan(5000);
  });

  it('go into the file that is there, for who has it open as well', () => {
    const file = new EventsFile({ gate, runroot });
    file.append(containerEvent('create', BOX), containerEvent('start', BOX));
    append('kill');
    file.append(containerEvent('die', BOX));
    expect(actions(readEvents(runroot))).toEqual(['create', 'start', 'kill', 'die']);
    // Removed as a whole, as by a reboot that this process did not see: it was frozen.
    rmSync(runroot, { recursive: true });
    mkdirSync(runroot);
    file.append(containerEvent('destroy', BOX));
    expect(actions(readEvents(runroot))).toEqual(['destroy']);
    const held = () => readdirSync('/proc/self/fd').filter((fd) => linkOf(fd)?.startsWith(runroot));
    expect(held()).toHaveLength(1);
    file.close();
    expect(held()).toEqual([]);
    file.append(containerEvent('create', BOX));
    expect(actions(readEvents(runroot))).toEqual(['destroy', 'create']);
    file.close();
  });

  it('that a monitor writes are whole', () => {
    const { before, between, after } = dieEventParts('id', 'we"b', 'tiny', { exitCode: 'x', 'a\nb': 'c' });
    append('start');
    appendFileSync(eventsPath(runroot), `${before}137${between}1700000000123456789${after}`);
    append('destroy');
    const events = readEvents(runroot);
    expect(actions(events)).toEqual(['start', 'die', 'destroy']);
    expect(events[1]).toEqual({
      type: 'container',
      action: 'die',
      id: 'id',
      attributes: { exitCode: '137', 'a\nb': 'c', image: 'tiny', name: 'we"b' },
      timeNano: 1_700_000_000_123_456_789n,
    });
  });

  it('survive one that was cut by a full disk', () => {
    append('create');
    appendFileSync(eventsPath(runroot), '\n{"type":"container","act');
    append('start');
    expect(actions(readEvents(runroot))).toEqual(['create', 'start']);
  });

  it('never fail an operation', () => {
    writeFileSync(join(runroot, 'events'), 'in the way');
    expect(() => append('create')).not.toThrow();
    expect(readEvents(join(runroot, 'nosuch'))).toEqual([]);
  });

  it('are only for their owner', () => {
    append('create');
    expect(statSync(eventsPath(runroot)).mode & 0o777).toBe(0o600);
  });
});

describe('a stream', () => {
  it('begins now, or with what was there', async () => {
    append('create');
    const stop = new AbortController();
    const seen: string[] = [];
    const all: string[] = [];
    const follow = (async () => {
      for await (const { action } of followEvents(runroot, stop.signal, false)) if (seen.push(action) === 2) return;
    })();
    const followAll = (async () => {
      for await (const { action } of followEvents(runroot, stop.signal, true)) if (all.push(action) === 3) return;
    })();
    append('start');
    append('die');
    await Promise.all([follow, followAll]);
    expect(seen).toEqual(['start', 'die']);
    expect(all).toEqual(['create', 'start', 'die']);
  });

  it('ends when it is told to', async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 20);
    const seen: EngineEvent[] = [];
    for await (const event of followEvents(runroot, stop.signal, true)) seen.push(event);
    expect(seen).toEqual([]);
  });

  it('goes on when somebody removes the directory', async () => {
    append('create');
    const stop = new AbortController();
    const seen: string[] = [];
    const follow = (async () => {
      for await (const { action } of followEvents(runroot, stop.signal, true)) {
        seen.push(action);
        if (action === 'create') {
          rmSync(join(runroot, 'events'), { recursive: true });
          append('start');
        } else return;
      }
    })();
    await follow;
    expect(seen).toEqual(['create', 'start']);
  });

  it.each([
    [{ event: ['die'] }, ['die']],
    [{ event: ['exec_create'] }, ['exec_create: sh -c true']],
    [{ container: ['web'], event: ['die', 'create'] }, ['create', 'die']],
    [{ container: ['abab'] }, ['create', 'exec_create: sh -c true', 'die']],
    [{ container: ['nosuch'] }, []],
    [{ type: ['network'] }, ['connect']],
    [{ network: ['net1'] }, ['connect']],
    [{ image: ['tiny'] }, ['create', 'exec_create: sh -c true', 'die']],
    [{ label: ['tier=front', 'nosuch'] }, []],
  ])('fits %j', async (filters, expected) => {
    append('create');
    appendEvent({ gate, runroot }, { type: 'network', action: 'connect', id: 'n', attributes: { name: 'net1' } });
    append('exec_create: sh -c true');
    append('die', { exitCode: '3' });
    const found: EngineEvent[] = [];
    const until = BigInt(Date.now() - 1) * 1_000_000n + 10n ** 6n * 60_000n;
    const over = AbortSignal.timeout(100);
    for await (const event of eventsOf({ runroot }, { since: 0n, until, filters, signal: over })) found.push(event);
    expect(actions(found)).toEqual(expected);
  });

  it('that ended already has only its part', async () => {
    append('create');
    const [first] = readEvents(runroot);
    append('start');
    const found: EngineEvent[] = [];
    const until = first?.timeNano as bigint;
    for await (const event of eventsOf({ runroot }, { since: 0n, until })) found.push(event);
    expect(actions(found)).toEqual(['create']);
  });
});

describe('a long history', () => {
  const big = (size: number): void => {
    mkdirSync(join(runroot, 'events'), { recursive: true });
    writeFileSync(eventsPath(runroot), '');
    const block = `\n${'x'.repeat(65_534)}\n`;
    for (let at = 0; at < size; at += block.length) appendFileSync(eventsPath(runroot), block);
  };

  it('is given back to the file system, and readers do not look there', () => {
    big(3 * EVENTS_CHUNK + 100);
    append('create');
    const { size, blocks } = statSync(eventsPath(runroot));
    expect(size).toBeGreaterThan(3 * EVENTS_CHUNK);
    expect(blocks * 512).toBeLessThan(2 * EVENTS_CHUNK);
    expect(actions(readEvents(runroot))).toEqual(['create']);
  });

  it('keeps the chunk before the one that is filled', () => {
    expect(eventsStart(0)).toBe(0);
    expect(eventsStart(2 * EVENTS_CHUNK - 1)).toBe(0);
    expect(eventsStart(2 * EVENTS_CHUNK)).toBe(EVENTS_CHUNK);
  });

  it('is followed across that', async () => {
    big(3 * EVENTS_CHUNK + 100);
    const stop = new AbortController();
    const seen: string[] = [];
    const follow = (async () => {
      for await (const { action } of followEvents(runroot, stop.signal, false)) if (seen.push(action) === 2) return;
    })();
    append('create');
    append('start');
    await follow;
    expect(seen).toEqual(['create', 'start']);
  });
});
