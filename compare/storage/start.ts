import { nanoseconds } from '../nanoseconds.js';
import type { Workload } from '../workload.js';
import { FEWEST_ROUNDS } from '../workload.js';
import { IdleContainer } from './container.js';
import { formatMegabytes, type Subject } from './subject.js';

const ABOUT = { group: 'start', unit: 'ns', better: 'less' } as const;
const MB = 1e6;
/** Beside that of the comparison: how the cost of a start grows with the image. */
export const IMAGE_SIZES = [10 * MB, 50 * MB, 200 * MB];

/** What a container costs that does nothing. */
export function startWorkload(subject: Subject): Workload {
  return {
    name: 'start',
    rounds: FEWEST_ROUNDS,
    yields: [
      {
        name: 'start',
        title: 'start',
        description: 'From the launch until the command runs.',
        ...ABOUT,
        ...(subject.context.options.image === undefined && sizeParameter(subject.bytes)),
      },
      {
        name: 'start-to-gone',
        title: 'start, end and removal',
        description: 'The same with the end of the command, until nothing of the container is left.',
        ...ABOUT,
      },
    ],
    open: async (candidate) => {
      const image = await subject.image();
      return { run: () => timedLife(subject, candidate, image), close: async () => {} };
    },
  };
}

/** The start again, with images of other sizes. */
export function imageSizeWorkload(subject: Subject): Workload {
  const sizes = IMAGE_SIZES.filter((bytes) => bytes < subject.bytes);
  return {
    name: 'image-size',
    rounds: FEWEST_ROUNDS,
    yields: sizes.map((bytes) => ({
      name: `start-${bytes / MB}mb`,
      title: `start, image of ${formatMegabytes(bytes)}`,
      description: `From the launch until the command runs, with an image of ${formatMegabytes(bytes)}.`,
      ...ABOUT,
      ...sizeParameter(bytes),
    })),
    open: async (candidate) => {
      const images: string[] = [];
      for (const bytes of sizes) images.push(await subject.imageOf(bytes));
      return {
        run: async () => {
          const starts: number[] = [];
          for (const image of images) starts.push((await timedLife(subject, candidate, image))[0]);
          return starts;
        },
        close: async () => {},
      };
    },
  };
}

function sizeParameter(bytes: number) {
  return { parameter: { series: 'start', label: 'image size in MB', value: bytes / MB } };
}

async function timedLife(subject: Subject, candidate: string, image: string): Promise<[number, number]> {
  let container: IdleContainer | undefined;
  const start = await nanoseconds(async () => {
    container = await IdleContainer.start(subject, candidate, { image });
  });
  const end = await nanoseconds(() => container?.end());
  return [start, start + end];
}
