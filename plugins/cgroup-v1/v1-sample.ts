import {
  counterOf,
  type ResourceSample,
  readLimit,
  readNumber,
  readText,
  withoutInactive,
} from '../../core/plugin/index.js';

/** The path of a file of the container's cgroup with a controller; undefined where that is not mounted. */
type Place = (controller: string, file: string) => string | undefined;

/** What a container uses, as cgroup v1 counts it. A controller that is not mounted counts nothing. */
export function readV1Sample(place: Place): ResourceSample {
  return { ...cpuSample(place), ...memorySample(place), ...pidsSample(place), ...ioSample(place) };
}

function cpuSample(place: Place): Pick<ResourceSample, 'cpu'> {
  const usageNs = readNumber(place('cpuacct', 'cpuacct.usage'));
  if (usageNs === undefined) return {};
  const throttling = readText(place('cpu', 'cpu.stat'));
  const throttledPeriods = counterOf(throttling, 'nr_throttled');
  return { cpu: { usageNs, throttledPeriods, throttledNs: counterOf(throttling, 'throttled_time') } };
}

function memorySample(place: Place): Pick<ResourceSample, 'memory'> {
  const usage = readNumber(place('memory', 'memory.usage_in_bytes'));
  if (usage === undefined) return {};
  const inactive = counterOf(readText(place('memory', 'memory.stat')), 'total_inactive_file');
  const limit = readLimit(place('memory', 'memory.limit_in_bytes'));
  return { memory: { usage: withoutInactive(usage, inactive), ...(limit !== undefined && { limit }) } };
}

function pidsSample(place: Place): Pick<ResourceSample, 'pids'> {
  const current = readNumber(place('pids', 'pids.current'));
  const limit = readLimit(place('pids', 'pids.max'));
  return current === undefined ? {} : { pids: { current, ...(limit !== undefined && { limit }) } };
}

/** Two policies count, each what passes through it; a kernel may have either, and start one when it is first used. */
function ioSample(place: Place): Pick<ResourceSample, 'io'> {
  const counted = ['throttle', 'bfq'].flatMap((policy) => {
    const text = readText(place('blkio', `blkio.${policy}.io_service_bytes_recursive`));
    return text === '' ? [] : [parseServiceBytes(text)];
  });
  if (counted.length === 0) return {};
  const most = (key: 'read' | 'written') => Math.max(...counted.map((one) => one[key]));
  return { io: { read: most('read'), written: most('written') } };
}

/** Lines `8:0 Read 4096`, `8:0 Write 0` … of every device. */
export function parseServiceBytes(text: string): { read: number; written: number } {
  const sum = { read: 0, written: 0 };
  for (const line of text.split('\n')) {
    const [, operation, bytes] = line.split(' ');
    if (operation === 'Read') sum.read += Number(bytes);
    else if (operation === 'Write') sum.written += Number(bytes);
  }
  return sum;
}
