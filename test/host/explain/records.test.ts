import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect } from 'vitest';
import { skipUnless } from '../../support/skip.js';
import { FailureBench } from './support.js';

const { describe, it } = skipUnless('root', 'overlay', 'busybox');

describe('images, names and state', () => {
  const bench = new FailureBench();
  beforeAll(() => bench.prepare());

  it('an image directory that this user may not read', async () => {
    await bench.fails(
      `mkdir -m 700 $DIR/secret; exec setpriv --reuid 4332 --regid 4332 --clear-groups $NODE -- $CLI --root $DIR/none --runroot $DIR/none run --rm --network=none $DIR/secret true`,
      { id: 'image-unreadable', why: /it is not readable for this user/, fix: /ls -ld .*\/secret/, status: 125 },
    );
  });

  it('an image that is not there', async () => {
    await bench.fails('run nosuch true', {
      id: 'image-not-found',
      why: /there is no local image of that name/,
      fix: /image from-host nosuch/,
      status: 125,
    });
  });

  it('an archive that ends too early', async () => {
    execFileSync('tar', ['-C', bench.image, '-cf', join(bench.state.directory, 'image.tar'), '.']);
    await bench.fails('truncate -s -900000 $DIR/image.tar; run $DIR/image.tar true', {
      id: 'image-broken-archive',
      why: /end|cut|short|truncated/,
      fix: /tar -tf .*image\.tar/,
      status: 125,
    });
  });

  it('a name that is in use', async () => {
    await bench.fails(
      '$TSBOX create --name taken --network=none $IMAGE true >/dev/null; run --name taken $IMAGE true || { status=$?; $TSBOX rm taken >/dev/null; exit $status; }',
      { id: 'name-in-use', why: /already in use by container [0-9a-f]{12}/, fix: /tsbox rm taken/, status: 125 },
    );
  });

  it('a record of a later version', async () => {
    await bench.fails(
      'id=$($TSBOX create --network=none $IMAGE true); sed -i \'s/"version":1/"version":2/\' $ROOT/containers/$id/details.json; $TSBOX start $id || { status=$?; $TSBOX rm -f $id >/dev/null 2>&1; exit $status; }',
      {
        id: 'later-version',
        why: /it has version 2; this tsbox knows 1/,
        fix: /a later tsbox may know the file/,
        status: 1,
      },
    );
  });
});

describe('the record of a failed launch', () => {
  const bench = new FailureBench();
  const failures = join(bench.state.root, 'failures');
  beforeAll(() => bench.prepare());

  it('has the plan, what failed, the diagnosis and the spec without secrets, for its owner only', async () => {
    await bench.shell('run -e TOKEN=hush --name broken $IMAGE /nosuch');
    const [file] = readdirSync(failures);
    const path = join(failures, file as string);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const record = bench.latest();
    expect(record).toMatchObject({
      version: 1,
      name: 'broken',
      error: { code: 'ERR_TSBOX_COMMAND_NOT_FOUND', exitStatus: 127, undo: [] },
      diagnosis: { id: 'command-not-found' },
      failed: { kind: 'command', action: 'execve', errno: 'ENOENT' },
      spec: { image: bench.image, command: ['/nosuch'] },
    });
    expect(record?.plan.map(({ action }) => action)).toEqual(expect.arrayContaining(['mkdir', 'clone3', 'execve']));
    expect(readFileSync(path, 'utf8')).not.toContain('hush');
  });

  it('is what `explain last` prints, in words and as JSON', async () => {
    const { stdout } = await bench.shell('$TSBOX explain last');
    expect(stdout).toContain('there is no /nosuch in the container');
    expect(stdout).toMatch(/^asked +.*\/image \/nosuch$/m);
    expect(stdout).toMatch(/^! +child +engine +execve/m);
    expect(stdout).toContain('why  The command is not in the image (command-not-found)');
    expect(stdout).toMatch(/^ {2}fix: /m);
    const { stdout: json } = await bench.shell('$TSBOX explain last --format json');
    expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(bench.latest())));
  });

  it('is kept twenty times, and a damaged one hides no other', async () => {
    for (let index = 10; index < 40; index++)
      writeFileSync(join(failures, `202001${index}T000000000Z-00000000000a.json`), '{');
    await bench.shell('run $IMAGE /other');
    expect(readdirSync(failures)).toHaveLength(20);
    writeFileSync(join(failures, '99990101T000000000Z-00000000000a.json'), '{"version":1}');
    expect(bench.latest()?.spec.command).toEqual(['/other']);
  });

  it('is written for a container that stays, and shown by inspect', async () => {
    const { stdout: id } = await bench.shell('$TSBOX create --network=none $IMAGE /gone; ');
    await bench.shell(`$TSBOX start ${id.trim()} || true`);
    const { stdout } = await bench.shell(`$TSBOX inspect ${id.trim()}; $TSBOX rm ${id.trim()} >/dev/null`);
    const [container] = JSON.parse(stdout) as [{ State: { Error: string }; Tsbox: { Failure: object } }];
    expect(container.State.Error).toContain('there is no /gone in the container');
    expect(container.Tsbox.Failure).toMatchObject({
      diagnosis: { id: 'command-not-found' },
      failed: { action: 'execve', errno: 'ENOENT' },
    });
  });

  it('is not written by plan, nor where the root cannot be; the error is the same', async () => {
    await bench.shell('run nosuch true');
    const before = readdirSync(failures);
    const { stderr } = await bench.shell('$TSBOX plan --network=none nosuch true');
    expect(stderr).toContain('tsbox explain image-not-found');
    expect(readdirSync(failures)).toEqual(before);
    const elsewhere = await bench.shell('$NODE -- $CLI --root /proc/nosuch --runroot $DIR/run run --rm nosuch true');
    expect(elsewhere.stderr).toContain('no image nosuch');
    expect(existsSync('/proc/nosuch')).toBe(false);
  });

  it('of another id or code is refused with the nearest', async () => {
    const { stderr, status } = await bench.shell('$TSBOX explain overlay-on-overly');
    expect(stderr).toContain('did you mean "tsbox explain overlay-on-overlay"?');
    expect(status).toBe(1);
    const { stdout } = await bench.shell('$TSBOX explain ERR_TSBOX_NO_ADDRESS');
    expect(stdout).toContain('exit status 125');
    expect(stdout).toContain('tsbox explain addresses-exhausted');
  });
});
