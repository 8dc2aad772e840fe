import { describe, expect, test } from 'vitest';
import { MovedPaths } from '../../../core/program/moved-paths.js';

const paths = new MovedPaths(
  ['/store/containers/c1', '/fd/own'],
  new Map([['/usr', '/fd/tree0']]),
  new Map([['/home/ann', '/fd/bind0']]),
);

describe('paths that an engine moved for a child', () => {
  test('a layer and what is below it is found in its new place', () => {
    expect(paths.tree('/usr')).toBe('/fd/tree0');
    expect(paths.tree('/usr/share')).toBe('/fd/tree0/share');
    expect(paths.tree('/usrlocal')).toBe('/usrlocal');
  });

  test("the container's own directory is found by layers and by binds", () => {
    expect(paths.tree('/store/containers/c1/upper')).toBe('/fd/own/upper');
    expect(paths.bind('/store/containers/c1/hosts')).toBe('/fd/own/hosts');
    expect(paths.bind('/store/containers/c10/hosts')).toBe('/store/containers/c10/hosts');
  });

  test('a bind never goes through a layer, where owners are mapped', () => {
    expect(paths.bind('/usr')).toBe('/usr');
    expect(paths.bind('/usr/share')).toBe('/usr/share');
  });

  test('a bind is found by exactly its own path', () => {
    expect(paths.bind('/home/ann')).toBe('/fd/bind0');
    expect(paths.bind('/home/ann/secret')).toBe('/home/ann/secret');
  });
});
