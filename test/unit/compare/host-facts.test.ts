import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fileSystemOf, readHostFacts } from '../../../compare/host-facts.js';

describe('the facts of a host', () => {
  it('name the file system that a path is on, and not that of a mount whose name it begins with', () => {
    expect(fileSystemOf('/proc/self/fd')).toBe('proc');
    expect(fileSystemOf('/sys')).toBe('sysfs');
    const root = readFileSync('/proc/self/mountinfo', 'utf8').trim().split('\n');
    const types = root.filter((line) => line.split(' ')[4] === '/').map((line) => line.split(' - ')[1]?.split(' ')[0]);
    expect(fileSystemOf('/')).toBe(types.at(-1));
  });

  it('are those of this machine', () => {
    const facts = readHostFacts('/');
    expect(facts).toMatchObject({ node: process.version, architecture: process.arch });
    expect(facts.cpus).toBeGreaterThan(0);
    expect(facts.memory).toBeGreaterThan(1e6);
    expect(facts.kernel).toMatch(/^\d+\.\d+/);
  });
});
