import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LaunchView } from '../../../core/engine/launch-state.js';
import { takeContainer } from '../../../core/engine/own-steps.js';
import { LibcGate } from '../../../core/kernel/libc-gate.js';
import type { Step } from '../../../core/plugin/launch.js';
import { takeName } from '../../../core/state/names.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tsbox-names-'));
  takeName(root, 'amber_oak', 'b'.repeat(64));
});
afterEach(() => rmSync(root, { recursive: true }));

/** A launch that would like to be called amber_oak. */
function launchNamed(given?: string): LaunchView {
  const state = { name: 'amber_oak' };
  return {
    state,
    id: 'a'.repeat(64),
    get name() {
      return state.name;
    },
    spec: { name: given },
    gate: new LibcGate(),
    paths: { root, container: join(root, 'containers', 'a'.repeat(64)) },
    duringClone: (work: () => void | Promise<void>) => work(),
    step: async <T>(step: Step<T>) => step.run(),
  } as unknown as LaunchView;
}

describe('a name that is taken', () => {
  it('is replaced by another when it was generated', async () => {
    const launch = launchNamed();
    await takeContainer(launch);
    expect(launch.name).toMatch(/^[a-z]+_[a-z]+1$/);
    expect(readdirSync(join(root, 'names')).sort()).toEqual(['amber_oak', launch.name].sort());
  });

  it('is an error when it was given', async () => {
    await expect(takeContainer(launchNamed('amber_oak'))).rejects.toMatchObject({ code: 'ERR_TSBOX_NAME_IN_USE' });
  });
});
