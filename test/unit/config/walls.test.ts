import { describe, expect, it } from 'vitest';
import { HOST, refusal, specOf } from './support.js';

const user = { ...HOST, privileged: false };

describe('drivers', () => {
  it('for root: bridge and no user namespace', () => {
    expect(specOf({}).drivers).toEqual({
      storage: 'auto',
      network: 'bridge',
      resources: 'auto',
      userns: 'host',
      security: 'none',
    });
  });

  it('for a user: no network and a user namespace', () => {
    expect(specOf({}, user).drivers).toEqual({
      storage: 'auto',
      network: 'none',
      resources: 'auto',
      userns: 'auto',
      security: 'none',
    });
  });

  it('are taken by name; whether they exist is the engine to say', () => {
    expect(specOf({ storage: 'zfs', network: 'host', resources: 'none', userns: 'auto' }).drivers).toEqual({
      storage: 'zfs',
      network: 'host',
      resources: 'none',
      userns: 'auto',
      security: 'none',
    });
    expect(refusal({ network: '../x' }).what).toContain('--network');
  });

  it('a range of ids is a driver of its own', () => {
    const spec = specOf({ userns: '100000:200000:65536' });
    expect(spec.drivers.userns).toBe('range');
    expect(spec.userns).toEqual({ uid: 100_000, gid: 200_000, size: 65_536 });
  });

  it.each(['1:2', '1:2:0', '1:2:3:4', '-1:2:3', '4294967294:0:2', '0:0:4294967296', '1:2:x', ''])(
    '--userns %j is refused',
    (userns) => {
      expect(refusal({ userns }).what).toContain('--userns');
    },
  );
});

describe('namespaces', () => {
  it('are private, but for time', () => {
    expect(specOf({}).namespaces).toEqual({
      uts: 'private',
      ipc: 'private',
      pid: 'private',
      cgroup: 'private',
      time: 'host',
    });
  });

  it('are the host where it is asked for', () => {
    const { namespaces } = specOf({ uts: 'host', ipc: 'host', pid: 'host', cgroupns: 'host', timens: 'private' });
    expect(namespaces).toEqual({ uts: 'host', ipc: 'host', pid: 'host', cgroup: 'host', time: 'private' });
  });

  it.each([{ uts: 'shared' }, { ipc: 'container:x' }, { pid: '' }, { cgroupns: 'Host' }, { timens: 'yes' }])(
    '%j is refused',
    (values) => {
      expect(refusal(values).why).toBe('it is private or host');
    },
  );
});

describe('security', () => {
  it('capabilities have one spelling', () => {
    expect(specOf({ capAdd: ['net_admin', 'CAP_NET_ADMIN', 'ALL'], capDrop: ['cap_chown'] }).security).toMatchObject({
      capAdd: ['NET_ADMIN', 'ALL'],
      capDrop: ['CHOWN'],
    });
  });

  it('a misspelt capability comes with the one that was meant', () => {
    expect(refusal({ capAdd: ['NET_ADMN'] }).fixes).toEqual(['did you mean NET_ADMIN?']);
  });

  it('no_new_privs is on, unless privileged or switched off', () => {
    expect(specOf({}).security.noNewPrivileges).toBe(true);
    expect(specOf({ privileged: true }).security.noNewPrivileges).toBe(false);
    expect(specOf({ securityOpt: ['no-new-privileges=false'] }).security.noNewPrivileges).toBe(false);
    expect(specOf({ privileged: true, securityOpt: ['no-new-privileges'] }).security.noNewPrivileges).toBe(true);
  });

  it.each(['seccomp=unconfined', 'no-new-privileges=perhaps', 'no-new-privilege', ''])(
    '--security-opt %j is refused',
    (option) => {
      expect(refusal({ securityOpt: [option] }).what).toContain('--security-opt');
    },
  );
});
