import { describe, expect, it } from 'vitest';
import { committedConfig } from '../../../core/containers/commit-config.js';
import type { ContainerDetails } from '../../../core/state/record.js';

const config = { entrypoint: ['/entry'], cmd: ['default'], env: ['A=image', 'B=image'], workdir: '/srv', user: 'www' };

/** As much of a container as is looked at. */
function details(spec: object): ContainerDetails {
  const base = { command: [], env: [], labels: {} };
  return { spec: { ...base, ...spec }, image: { config } } as unknown as ContainerDetails;
}

describe('the config of a committed image', () => {
  it('is that of its image', () => {
    expect(committedConfig(details({}), [])).toEqual({ config });
  });

  it('has what the container was run with', () => {
    const spec = { command: ['run'], env: ['B=box', 'C='], workdir: '/tmp', user: '0', labels: { x: 'y' } };
    expect(committedConfig(details(spec), [])).toEqual({
      config: { entrypoint: ['/entry'], cmd: ['run'], env: ['A=image', 'B=box', 'C='], workdir: '/tmp', user: '0' },
      labels: { x: 'y' },
    });
  });

  it('loses the command with the entrypoint that it belonged to', () => {
    expect(committedConfig(details({ entrypoint: ['sh'] }), []).config).toMatchObject({ entrypoint: ['sh'], cmd: [] });
  });

  it.each([
    ['CMD ["a", "b c"]', { cmd: ['a', 'b c'] }],
    ['cmd a b', { cmd: ['/bin/sh', '-c', 'a b'] }],
    ['ENTRYPOINT []', { entrypoint: [] }],
    ['ENV A=1 D="two words" E=\'x y\'', { env: ['B=image', 'A=1', 'D=two words', 'E=x y'] }],
    ['ENV A several words', { env: ['B=image', 'A=several words'] }],
    ['WORKDIR sub/dir', { workdir: '/srv/sub/dir' }],
    ['WORKDIR /else', { workdir: '/else' }],
    ['USER 5:6', { user: '5:6' }],
  ])('takes %s', (change, expected) => {
    expect(committedConfig(details({}), [change]).config).toMatchObject(expected);
  });

  it('keeps labels and ports', () => {
    const made = committedConfig(details({ labels: { a: '1' } }), [
      'LABEL b="2 3" c=4',
      'EXPOSE 80 53/udp',
      'EXPOSE 80',
    ]);
    expect(made).toMatchObject({ labels: { a: '1', b: '2 3', c: '4' }, exposedPorts: ['80/tcp', '53/udp'] });
  });

  it.each(['', 'CMD', 'RUN make', 'CMD [1]', 'CMD [', 'ENV =x', 'EXPOSE web'])('refuses %j', (change) => {
    expect(() => committedConfig(details({}), [change])).toThrow(expect.objectContaining({ code: 'ERR_TSBOX_USAGE' }));
  });
});
