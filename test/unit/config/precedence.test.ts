import { describe, expect, it } from 'vitest';
import { environmentLayer, misspeltVariables } from '../../../core/config/environment.js';
import { errorOf, file, flags, specOfLayers } from './support.js';

const environment = (variables: Record<string, string>) => environmentLayer(variables, '/srv');

describe('precedence', () => {
  it('a flag is nearer than the environment, the project, the user', () => {
    const layers = [
      flags({ memory: '1m' }),
      environment({ TSBOX_MEMORY: '2m' }),
      file({ memory: '3m' }),
      file({ memory: '4m' }),
    ];
    const memory = layers.map((_, index) => specOfLayers(layers.slice(index)).resources.memory);
    expect(memory).toEqual([1, 2, 3, 4].map((megabytes) => megabytes * 1024 ** 2));
  });

  it('settings of different places come together', () => {
    const spec = specOfLayers([
      flags({ cpus: '1' }),
      environment({ TSBOX_STORAGE: 'copy' }),
      file({ memory: '3m', network: 'host' }),
    ]);
    expect(spec.resources).toMatchObject({ cpus: 1, memory: 3 * 1024 ** 2 });
    expect(spec.drivers).toMatchObject({ storage: 'copy', network: 'host' });
  });

  it('a flag switches off what a file switched on', () => {
    expect(specOfLayers([flags({ readOnly: false }), file({ readOnly: true })]).readOnly).toBe(false);
  });

  it('variables add up and the nearest comes last; a near file beats a far name', () => {
    const spec = specOfLayers([
      flags({ env: ['A=flag'] }),
      environment({ TSBOX_ENV: 'B=1\nC=2' }),
      file({ env: { A: 'file' } }),
    ]);
    expect(spec.env).toEqual(['A=file', 'B=1', 'C=2', 'A=flag']);
  });

  it('name servers of the nearest place stand alone: their order is their meaning', () => {
    const spec = specOfLayers([
      flags({ dns: ['192.0.2.1'] }),
      file({ dns: ['192.0.2.2'], dnsSearch: ['example.org'] }),
    ]);
    expect(spec.network).toMatchObject({ dns: ['192.0.2.1'], dnsSearch: ['example.org'] });
  });

  it('a mount replaces that of a farther place on the same target', () => {
    const { mounts } = specOfLayers([flags({ tmpfs: ['/run:size=1m'] }), file({ tmpfs: ['/run:size=2m', '/var'] })]);
    expect(mounts).toMatchObject([{ target: '/run', size: 1024 ** 2 }, { target: '/var' }]);
  });

  it('a bad value is named by the place where it stands', () => {
    const inFile = errorOf(() => specOfLayers([file({ memory: 'banana' })]));
    expect(inFile).toMatchObject({
      code: 'ERR_TSBOX_CONFIG',
      what: 'invalid value "banana" for run.memory in /srv/.tsboxrc',
    });
    const inVariable = errorOf(() => specOfLayers([environment({ TSBOX_MEMORY: 'banana' })]));
    expect(inVariable).toMatchObject({ code: 'ERR_TSBOX_CONFIG', what: 'invalid value "banana" for TSBOX_MEMORY' });
    expect(inVariable.fixes).toEqual(['TSBOX_MEMORY=256m']);
  });
});

describe('the environment', () => {
  it('booleans are true or false, and nothing else', () => {
    expect(specOfLayers([environment({ TSBOX_READ_ONLY: 'true', TSBOX_INIT: '1', TSBOX_RM: 'false' })])).toMatchObject({
      readOnly: true,
      init: true,
      remove: false,
    });
    expect(errorOf(() => specOfLayers([environment({ TSBOX_READ_ONLY: 'yes' })])).what).toContain('TSBOX_READ_ONLY');
  });

  it('an empty variable is one that is not set', () => {
    expect(environment({ TSBOX_MEMORY: '' }).values).toEqual({});
  });

  it('a misspelt variable comes with the one that was meant; a strange one is left alone', () => {
    const variables = { TSBOX_MEMROY: '1m', TSBOX_ROOT: '/x', TSBOX_SOMETHING_ELSE: '1', PATH: '/bin' };
    expect(misspeltVariables(variables)).toEqual([{ name: 'TSBOX_MEMROY', meant: 'TSBOX_MEMORY' }]);
  });
});
