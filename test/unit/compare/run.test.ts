import { describe, expect, it } from 'vitest';
import { orderOfRound } from '../../../compare/order.js';
import { DEFAULT_ROUNDS, type Progress, type RunRequest, runWorkloads } from '../../../compare/run.js';
import type { Sample, Workload } from '../../../compare/workload.js';

const ABOUT = { group: 'one', unit: 'ns', better: 'less' } as const;
const about = (name: string) => ({ name, title: name, description: `${name}.`, ...ABOUT });

interface Behaviour {
  readonly rounds?: number;
  readonly yields?: readonly string[];
  readonly open?: (candidate: string) => void;
  readonly run?: (candidate: string, run: number) => readonly Sample[];
  readonly close?: (candidate: string) => void;
}

/** A workload that writes down what is done with it. */
function workload(name: string, { rounds, yields = [name], open, run = () => [1], close }: Behaviour = {}) {
  const log: string[] = [];
  const made: Workload = {
    name,
    yields: yields.map(about),
    ...(rounds !== undefined && { rounds }),
    open: async (candidate) => {
      log.push(`open ${candidate}`);
      open?.(candidate);
      let runs = 0;
      return {
        run: async () => {
          log.push(`run ${candidate}`);
          return run(candidate, runs++);
        },
        close: async () => {
          log.push(`close ${candidate}`);
          close?.(candidate);
        },
      };
    },
  };
  return { log, workload: made, of: (what: string) => log.filter((line) => line.startsWith(what)) };
}

const request = (workloads: readonly Workload[], more: Partial<RunRequest> = {}): RunRequest => ({
  ...{ candidates: ['a', 'b', 'c'], workloads, rounds: 6, warmUps: 0, ...more },
});

describe('the order of a comparison', () => {
  it('has each candidate at each place equally often, and before each other one', () => {
    const rounds = Array.from({ length: 6 }, (_, round) => orderOfRound(['a', 'b', 'c'], round).join(''));
    expect(rounds).toEqual(['abc', 'bca', 'cab', 'cba', 'acb', 'bac']);
  });

  it('opens all trials of a workload, runs them in turn, and closes them before the next workload', async () => {
    const [first, second] = [workload('first'), workload('second')];
    const both: string[] = [];
    first.log.push = (line) => both.push(`first: ${line}`);
    second.log.push = (line) => both.push(`second: ${line}`);
    await runWorkloads(request([first.workload, second.workload], { candidates: ['a', 'b'], rounds: 2 }));
    const one = ['open a', 'open b', 'run a', 'run b', 'run b', 'run a', 'close a', 'close b'];
    expect(both).toEqual([...one.map((line) => `first: ${line}`), ...one.map((line) => `second: ${line}`)]);
  });

  it('does not count rounds that warm up', async () => {
    const { workload: counted } = workload('counted', { run: (_, run) => [run] });
    const [measurement] = await runWorkloads(request([counted], { candidates: ['a'], rounds: 3, warmUps: 2 }));
    expect(measurement?.samples).toEqual({ a: [2, 3, 4] });
  });

  it('makes at least 20 samples where nothing else is said, and few of what has no spread', async () => {
    const spread = workload('spread');
    const slow = workload('slow', { rounds: 20 });
    const exact = workload('exact', { rounds: 1 });
    const workloads = [spread.workload, slow.workload, exact.workload];
    const { rounds: _, ...unsaid } = request(workloads, { warmUps: 1 });
    const found = await runWorkloads(unsaid);
    expect(found.map(({ samples }) => samples.a?.length)).toEqual([DEFAULT_ROUNDS, 20, 1]);
    expect(DEFAULT_ROUNDS).toBeGreaterThanOrEqual(20);
    expect(exact.of('run a')).toHaveLength(1);
    const asked = await runWorkloads({ ...unsaid, rounds: 30 });
    expect(asked.map(({ samples }) => samples.a?.length)).toEqual([30, 30, 1]);
  });
});

describe('a candidate that fails', () => {
  const reason = (text: string) => () => {
    throw new Error(text);
  };

  it('is missing with its reason, and the others go on', async () => {
    const opened = workload('opened', { open: (candidate) => candidate === 'b' && reason('no room')() });
    const ran = workload('ran', {
      run: (candidate, run) => (candidate === 'c' && run === 4 ? reason('it broke')() : [run]),
    });
    const [first, second] = await runWorkloads(request([opened.workload, ran.workload]));
    expect(first).toMatchObject({
      samples: { a: [1, 1, 1, 1, 1, 1], c: [1, 1, 1, 1, 1, 1] },
      missing: { b: 'no room' },
    });
    expect(second).toMatchObject({
      samples: { a: [0, 1, 2, 3, 4, 5], b: [0, 1, 2, 3, 4, 5] },
      missing: { c: 'it broke' },
    });
    expect(Object.keys(second?.samples ?? {})).toEqual(['a', 'b']);
    expect(ran.of('run c')).toHaveLength(5);
    expect(opened.of('close')).toEqual(['close a', 'close c']);
    expect(ran.of('close')).toEqual(['close a', 'close b', 'close c']);
  });

  it('says of single quantities why it has none', async () => {
    const { workload: paths } = workload('paths', {
      yields: ['inside', 'outside'],
      run: (candidate) => [1, candidate === 'a' ? 'it has no way out' : 2],
    });
    const [inside, outside] = await runWorkloads(request([paths], { rounds: 2 }));
    expect(inside?.missing).toBeUndefined();
    expect(outside).toMatchObject({ samples: { b: [2, 2], c: [2, 2] }, missing: { a: 'it has no way out' } });
  });

  it.each([[[]], [[Number.NaN]], [[-1]], [[1, 2]]])('is one whose samples are %j', async (samples) => {
    const { workload: wrong } = workload('wrong', { run: () => samples });
    const [measurement] = await runWorkloads(request([wrong], { candidates: ['a'] }));
    expect(measurement).toMatchObject({ samples: {}, missing: { a: expect.stringContaining('wrong gave') } });
  });

  it('to close is told, and the others are closed', async () => {
    const { workload: stuck, of } = workload('stuck', { close: (candidate) => candidate === 'a' && reason('busy')() });
    const warnings: string[] = [];
    await runWorkloads(request([stuck], { onWarning: (message) => warnings.push(message) }));
    expect(of('close')).toEqual(['close a', 'close b', 'close c']);
    expect(warnings).toEqual(['what stuck made under a could not be taken back: busy']);
  });
});

describe('an interrupt', () => {
  it.each(['open b', 'run a', 'run c'])(
    'at "%s" closes what is open, runs nothing more, and throws its reason',
    async (at) => {
      const abort = new AbortController();
      const cut = workload('cut');
      const next = workload('next');
      const push = cut.log.push.bind(cut.log);
      cut.log.push = (line) => {
        if (line === at) abort.abort(new Error('enough'));
        return push(line);
      };
      await expect(runWorkloads(request([cut.workload, next.workload], { signal: abort.signal }))).rejects.toThrow(
        'enough',
      );
      const opened = cut.of('open').map((line) => line.slice('open '.length));
      expect(cut.of('close')).toEqual(opened.map((candidate) => `close ${candidate}`));
      expect(cut.log[cut.log.indexOf(at) + 1]).toBe('close a');
      expect(next.log).toEqual([]);
    },
  );

  it('in the last run is one too: what it cut short looks like a failure', async () => {
    const abort = new AbortController();
    const { workload: last } = workload('last', {
      run: (candidate, run) => {
        if (candidate === 'a' && run === 5) abort.abort(new Error('enough'));
        return [1];
      },
    });
    const alone = request([last], { candidates: ['a'], signal: abort.signal });
    await expect(runWorkloads(alone)).rejects.toThrow('enough');
  });
});

it('progress says what is done, and comes to its end also where one fails', async () => {
  const seen: Progress[] = [];
  const { workload: half } = workload('half', { run: (candidate) => (candidate === 'b' ? [] : [1]) });
  await runWorkloads(request([half], { rounds: 2, onProgress: (progress) => seen.push(progress) }));
  expect(seen[0]).toEqual({ what: 'half: a', done: 0, total: 6 });
  expect(seen.at(-1)).toEqual({ what: 'half: a', done: 5, total: 6 });
  const counts = seen.map(({ done }) => done);
  expect(counts).toEqual([...counts].sort((a, b) => a - b));
});
