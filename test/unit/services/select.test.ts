import { describe, expect, it } from 'vitest';
import { type Selection, selectServices } from '../../../core/services/select.js';
import { environment, type Parts } from './support.js';

const names = (services: Readonly<Record<string, Parts>>, selection?: Selection) =>
  selectServices(environment(services), selection).map(({ service }) => service.name);

describe('which services are started', () => {
  it('is all of them, each after those that it waits for', () => {
    expect(
      names({ web: { dependsOn: { db: 'ready', job: 'completed' } }, job: { dependsOn: { db: 'started' } }, db: {} }),
    ).toEqual(['db', 'job', 'web']);
  });

  it('leaves out those with profiles unless one of them is chosen', () => {
    const services = { web: {}, debug: { profiles: ['dev', 'full'] }, tools: { profiles: ['full'] } };
    expect(names(services)).toEqual(['web']);
    expect(names(services, { profiles: ['dev'] })).toEqual(['web', 'debug']);
    expect(names(services, { profiles: ['*'] })).toEqual(['web', 'debug', 'tools']);
  });

  it('is those that are named and what they need, whatever their profiles', () => {
    const services = { web: {}, worker: { dependsOn: { queue: 'ready' as const } }, queue: { profiles: ['full'] } };
    expect(names(services, { services: ['worker'] })).toEqual(['queue', 'worker']);
    expect(names(services, { services: ['queue'] })).toEqual(['queue']);
    expect(names(services)).toEqual(['web', 'queue', 'worker']);
  });

  it('is only those that are named without their dependencies, and then nobody waits for the others', () => {
    const services = { web: { dependsOn: { db: 'ready' as const } }, db: {} };
    const selected = selectServices(environment(services), { services: ['web'], noDependencies: true });
    expect(selected.map(({ service, waitsFor }) => [service.name, [...waitsFor]])).toEqual([['web', []]]);
  });

  it('refuses a circle, and says which', () => {
    const circle = {
      a: { dependsOn: { b: 'ready' } },
      b: { dependsOn: { c: 'started' } },
      c: { dependsOn: { b: 'ready' } },
    } as const;
    expect(() => names(circle)).toThrow('services wait for each other in a circle: b waits for c waits for b');
    expect(() => names({ a: { dependsOn: { a: 'started' } } })).toThrow('a waits for a');
  });

  it('refuses names that there are not, with the nearest', () => {
    expect(() => names({ worker: {} }, { services: ['wroker'] })).toThrow(
      expect.objectContaining({ code: 'ERR_TSBOX_USAGE', fixes: ['did you mean worker?'] }),
    );
    expect(() => names({ web: { profiles: ['full'] } }, { profiles: ['ful'] })).toThrow('no such profile');
    expect(() => names({ web: { dependsOn: { dv: 'ready' } }, db: {} })).toThrow(
      expect.objectContaining({ code: 'ERR_TSBOX_CONFIG', fixes: ['did you mean db?'] }),
    );
  });
});
