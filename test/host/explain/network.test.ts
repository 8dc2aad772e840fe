import { execFileSync } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { beforeAll } from 'vitest';
import { skipUnless } from '../../support/skip.js';
import { tempDirectory } from '../../support/temp-root.js';
import { FailureBench } from './support.js';

const { describe, it } = skipUnless('root', 'overlay', 'busybox', 'ip', 'nft', 'cc');

describe('networks that cannot be had', () => {
  const bench = new FailureBench();
  const refuse = join(tempDirectory(), 'refuse');
  const BRIDGE = '--network=bridge $IMAGE true';
  const NETWORK = { unshare: ['--net', '--mount'] };

  beforeAll(() => {
    bench.prepare();
    execFileSync('gcc', ['-O', '-o', refuse, join(import.meta.dirname, 'refuse.c')]);
  });

  it('a kernel without nf_tables (its socket refused by a seccomp filter)', async () => {
    await bench.fails(`exec ${refuse} netfilter EPROTONOSUPPORT $TSBOX run --rm ${BRIDGE}`, {
      id: 'nft-missing',
      why: /the kernel has no nf_tables \(.*EPROTONOSUPPORT/,
      fix: /modprobe nf_tables/,
      status: 125,
    });
  });

  it('root without CAP_NET_ADMIN', async () => {
    await bench.fails(`exec setpriv --bounding-set -net_admin --inh-caps -net_admin $TSBOX run --rm ${BRIDGE}`, {
      id: 'nft-not-permitted',
      why: /no CAP_NET_ADMIN over its network namespace/,
      fix: /--cap-add=NET_ADMIN/,
      status: 125,
    });
  });

  it('a read-only /proc/sys', async () => {
    await bench.fails(
      `mount --bind /proc/sys /proc/sys; mount -o remount,bind,ro /proc/sys; exec $TSBOX run --rm ${BRIDGE}`,
      { id: 'proc-sys-read-only', why: /\/proc\/sys is read-only here/, fix: /on the host itself/, status: 125 },
      { unshare: ['--mount'] },
    );
  });

  const withSubnet = (subnet: string) =>
    `echo '{"driverOptions":{"bridge":{"subnet":"${subnet}"}}}' >$DIR/config.json; bridged() { $TSBOX --config $DIR/config.json run "$@"; }; ip link set lo up`;

  it('a subnet that the host has already', async () => {
    const script = `${withSubnet('198.51.100.0/24')}; ip link add name spare type bridge; ip address add 198.51.100.7/24 dev spare; ip link set spare up; bridged --rm ${BRIDGE}`;
    await bench.fails(
      script,
      {
        id: 'subnet-clash',
        why: /it collides with the (route to|address) 198\.51\.100/,
        fix: /choose another subnet/,
        status: 125,
      },
      NETWORK,
    );
  });

  it('a network whose addresses are all taken', async () => {
    const script = `${withSubnet('198.51.100.0/30')}; bridged -d --name one --network=bridge $IMAGE sleep 60 >/dev/null; bridged --rm ${BRIDGE} || { status=$?; $TSBOX rm -f one >/dev/null; exit $status; }`;
    await bench.fails(
      script,
      {
        id: 'addresses-exhausted',
        why: /all addresses of 198\.51\.100\.0\/30 are taken/,
        fix: /stop a container/,
        status: 125,
      },
      NETWORK,
    );
  });

  it('a port that a program of the host has', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    try {
      await bench.fails(`$TSBOX run --rm -p 127.0.0.1:${port}:80 ${BRIDGE}`, {
        id: 'port-in-use',
        why: /a program on this host has it/,
        fix: /ss -ln/,
        status: 125,
      });
    } finally {
      server.close();
    }
  });
});
