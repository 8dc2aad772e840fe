import { chmodSync, chownSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { statePaths } from '../../../core/state/paths.js';

/** No account has it, so nobody's directory is in the way. */
const UID = process.geteuid?.() === 0 ? 3_999_999_999 : (process.geteuid?.() as number);
const runroot = `/tmp/tsbox-${UID}`;

describe('where state is kept', () => {
  it('is a place of the system for root, XDG directories for others, and what was given before both', () => {
    expect(statePaths({}, 0, {})).toEqual({ root: '/var/lib/tsbox', runroot: '/run/tsbox' });
    const env = { XDG_DATA_HOME: '/data', XDG_RUNTIME_DIR: '/run/user/7' };
    expect(statePaths({}, 7, env)).toEqual({ root: '/data/tsbox', runroot: '/run/user/7/tsbox' });
    expect(statePaths({}, 7, { HOME: '/home/x', XDG_RUNTIME_DIR: '/r' }).root).toBe('/home/x/.local/share/tsbox');
    expect(statePaths({ root: '/a', runroot: '/b' }, 7, env)).toEqual({ root: '/a', runroot: '/b' });
  });
});

describe.skipIf(process.geteuid?.() !== 0)('the directory in /tmp of a user without XDG_RUNTIME_DIR', () => {
  afterEach(() => rmSync(runroot, { recursive: true, force: true }));

  it('may be missing', () => {
    expect(statePaths({}, UID, {}).runroot).toBe(runroot);
  });

  it("is refused when it is somebody else's, a link, or open to others", () => {
    const refused = () => expect(() => statePaths({}, UID, {})).toThrow(/only you can write to/);
    mkdirSync(runroot, { mode: 0o700 });
    refused();
    rmSync(runroot, { recursive: true });
    symlinkSync('/root', runroot);
    refused();
  });

  it('is refused to its owner while others can write to it', () => {
    mkdirSync(runroot, { mode: 0o700 });
    chownSync(runroot, UID, 0);
    expect(statePaths({}, UID, {}).runroot).toBe(runroot);
    chmodSync(runroot, 0o722);
    expect(() => statePaths({}, UID, {})).toThrow(/only you can write to/);
  });
});
