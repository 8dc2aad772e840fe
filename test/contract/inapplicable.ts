import type { TestContext } from 'vitest';

declare module 'vitest' {
  interface TaskMeta {
    /** Why a test is not asked of a driver: what the driver says of itself, not what the machine lacks. */
    inapplicable?: string;
  }
}

/** Skips a test that makes no sense for what a driver says that it can do; a report tells it from other skips. */
export function skipInapplicable(context: TestContext, when: boolean, reason: string): void {
  if (!when) return;
  context.task.meta.inapplicable = reason;
  context.skip(reason);
}
