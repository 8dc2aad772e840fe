import { expect, it } from 'vitest';
import { OWN_NAMES } from '../../../cli/command-names.js';
import { COMMANDS } from '../../../cli/commands.js';

it('every command is a name that plugins cannot take', () => {
  expect(OWN_NAMES).toEqual(expect.arrayContaining(COMMANDS.map(({ name }) => name)));
});
