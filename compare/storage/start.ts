import { FEWEST_ROUNDS, type Workload } from '../workload.js';
import { IdleContainer } from './container.js';
import { formatMegabytes, type Subject } from './subject.js';

const ABOUT = { group: 'start', unit: 'ns', better: 'less' } as const;
const MB = 1e6;
/** Beside that of the comparison: how the cost of a start grows with the image. */
export const IMAGE_SIZES = [10 * MB, 50 * MB, 100 * MB];

/** The start with the image of the comparison. */
export function startOf(subject: Subject): Workload['yields'][number] {
  return {
    name: 'start',
    title: 'start',
    description: 'From the launch until the command runs.',
    ...ABOUT,
    ...(subject.context.options.image === undefined && sizeParameter(subject.bytes)),
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
          for (const image of images) starts.push(await timedStart(subject, candidate, image));
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

async function timedStart(subject: Subject, candidate: string, image: string): Promise<number> {
  const before = process.hrtime.bigint();
  const container = await IdleContainer.start(subject, candidate, { image });
  const start = Number(process.hrtime.bigint() - before);
  await container.end();
  return start;
}
