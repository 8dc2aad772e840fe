import { setMaxListeners } from 'node:events';
import type { ComparisonContext, Plan } from '../context.js';
import { runtimeCandidates } from './kinds.js';
import { makeSubject } from './subject.js';
import { runtimeWorkloadsOf } from './workloads.js';

/** What tsbox and other runtimes differ in. */
export async function runtimeWorkloads(context: ComparisonContext): Promise<Plan> {
  const { options } = context;
  context.onPreparing('making a root file system for all runtimes');
  // Sixteen launches at once each listen to it.
  const signal = AbortSignal.any([context.signal]);
  setMaxListeners(0, signal);
  const lab = { context: { ...context, signal }, subject: await makeSubject(context, options) };
  return {
    candidates: await runtimeCandidates(lab),
    workloads: runtimeWorkloadsOf(lab, options.command),
    subject: { image: options.image ?? 'true, echo and cat of this machine', network: 'none' },
  };
}
