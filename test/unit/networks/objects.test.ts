import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { NetworkObject } from '../../../core/plugin/index.js';
import {
  builtinNetwork,
  createNetworkFile,
  listNetworkFiles,
  networkExists,
  readNetwork,
  removeNetworkFile,
  requireNetwork,
} from '../../../core/state/networks.js';
import { tempDirectory } from '../../support/temp-root.js';

const DRIVERS = ['bridge', 'none', 'host'];
const network = (name: string, id: string): NetworkObject => ({
  ...builtinNetwork('bridge'),
  builtin: false,
  name,
  id,
});

describe('networks on disk', () => {
  it('are whole files, taken once, and found by name, id and prefix', () => {
    const root = tempDirectory();
    const [one, two] = [network('one', `ab${'1'.repeat(62)}`), network('two', `ac${'2'.repeat(62)}`)];
    createNetworkFile(root, one);
    createNetworkFile(root, two);
    expect(() => createNetworkFile(root, { ...two, name: 'one' })).toThrow(/EEXIST/);
    expect(readdirSync(`${root}/networks`).sort()).toEqual(['one.json', 'two.json']);
    expect(JSON.parse(readFileSync(`${root}/networks/one.json`, 'utf8')).version).toBe(1);
    expect(readNetwork(root, 'one')).toEqual(one);
    expect(requireNetwork(root, 'ab', DRIVERS)).toEqual(one);
    expect(requireNetwork(root, two.id, DRIVERS)).toEqual(two);
    expect(() => requireNetwork(root, 'a', DRIVERS)).toThrow(/2 ids begin like that/);
    expect(() => requireNetwork(root, '../x', DRIVERS)).toThrow(/there is no network of that name/);
    expect(listNetworkFiles(root, () => {}).map(({ name }) => name)).toEqual(['one', 'two']);
    expect(networkExists(root, one)).toBe(true);
    removeNetworkFile(root, 'one');
    removeNetworkFile(root, 'one');
    createNetworkFile(root, network('one', 'f'.repeat(64)));
    // Another one of that name is not this one.
    expect(networkExists(root, one)).toBe(false);
  });

  it('are always there by the names of drivers, with one id everywhere', () => {
    const root = tempDirectory();
    expect(requireNetwork(root, 'bridge', DRIVERS)).toEqual(builtinNetwork('bridge'));
    expect(requireNetwork(root, builtinNetwork('host').id.slice(0, 12), DRIVERS).name).toBe('host');
    expect(() => requireNetwork(root, 'brige', DRIVERS)).toThrow(
      expect.objectContaining({ fixes: ['did you mean bridge?', 'tsbox network create brige'] }),
    );
  });
});
