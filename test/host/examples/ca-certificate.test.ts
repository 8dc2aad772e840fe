import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describePlugin } from 'tsbox/testing';
import { beforeAll, expect } from 'vitest';
import example from '../../../examples/ca-certificate/index.js';
import { cliWith, makeCertificate } from '../../support/example.js';
import { skipUnless } from '../../support/skip.js';
import { tempDirectory } from '../../support/temp-root.js';

const module = new URL('../../../examples/ca-certificate/index.ts', import.meta.url);
const directory = tempDirectory();
const certificate = join(directory, 'ca.pem');
beforeAll(() => makeCertificate(certificate));

describePlugin(example, { module, pluginOptions: () => ({ certificate }) });

const { describe, it } = skipUnless('root', 'overlay', 'busybox');

describe('a CA certificate on the command line', () => {
  const config = (path: string) => ({ storage: 'overlay', pluginOptions: { 'ca-certificate': { certificate: path } } });

  it("is behind those of the image, and Node in the container trusts it, without a write to the machine's own", async () => {
    const { tsbox } = cliWith('ca-certificate', tempDirectory(), config(certificate));
    const bundle = '/etc/ssl/certs/ca-certificates.crt';
    const before = readFileSync(bundle, 'utf8');
    const script = 'cat $SSL_CERT_FILE; echo $NODE_EXTRA_CA_CERTS; echo x >> $SSL_CERT_FILE';
    const { stdout, stderr } = await tsbox('run', '--rm', 'host', 'sh', '-c', script);
    expect(stdout).toBe(`${before}\n${readFileSync(certificate, 'utf8')}${bundle}\n`);
    expect(stderr).toMatch(/Read-only file system/);
    expect(readFileSync(bundle, 'utf8')).toBe(before);
  });

  it('is refused where it is none', async () => {
    const { image, tsbox } = cliWith('ca-certificate', tempDirectory(), config('/etc/passwd'));
    const { status, stderr } = await tsbox('run', '--rm', image, 'true');
    expect({ status, stderr }).toEqual({ status: 125, stderr: expect.stringContaining('CA certificate /etc/passwd') });
  });
});
