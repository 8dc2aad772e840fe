import { expect } from 'vitest';
import { arm64, x64 } from '../../../core/program/launcher/images.js';
import { compile } from '../../../scripts/build-launcher.mjs';
import { skipUnless } from '../../support/skip.js';

const { it } = skipUnless('toolchain');

it.each([
  ['x64', x64],
  ['arm64', arm64],
] as const)('the launcher for %s is what its sources compile to, byte for byte', (arch, image) => {
  expect(compile(arch).toString('base64')).toBe(image);
});

it.each([
  ['x64', x64],
  ['arm64', arm64],
])('the launcher for %s has at most twelve kilobytes, its monitor included', (_, image) => {
  expect(Buffer.from(image, 'base64').length).toBeLessThanOrEqual(12_288);
});
