import { describe, expect, it } from 'vitest';
import { resolveUser } from '../../../core/image/passwd.js';

const PASSWD = `
root:x:0:0:root:/root:/bin/sh
# a comment
web:x:1000:1000:Web:/home/web:/bin/sh
homeless:x:1001:50::
1000:x:2000:2000:a name like a number:/home/number:/bin/sh
broken:x:zero:0::/:/bin/sh
minus:x:-1:0::/:/bin/sh
huge:x:4294967295:0::/:/bin/sh
short
last:x:4294967294:4294967294::/last:`;
const GROUP = `root:x:0:
adm:x:4:web,homeless
staff:x:50:
web:x:1000:
docker:x:998: web , root
4:x:77:
bad:x::
`;
const files = (passwd: string | undefined, group: string | undefined) => (path: string) =>
  ({ '/etc/passwd': passwd, '/etc/group': group })[path];
const user = (spec: string | undefined, groups: string[] = []) => resolveUser(spec, groups, files(PASSWD, GROUP));

describe('resolveUser', () => {
  it.each<[string | undefined, number, number, number[], string]>([
    [undefined, 0, 0, [0, 998], '/root'],
    ['', 0, 0, [0, 998], '/root'],
    ['root', 0, 0, [0, 998], '/root'],
    ['0', 0, 0, [0, 998], '/root'],
    ['web', 1000, 1000, [1000, 4, 998], '/home/web'],
    ['1000', 1000, 1000, [1000, 4, 998], '/home/web'],
    ['01000', 1000, 1000, [1000, 4, 998], '/home/web'],
    ['web:', 1000, 1000, [1000, 4, 998], '/home/web'],
    ['web:staff', 1000, 50, [50], '/home/web'],
    ['web:50', 1000, 50, [50], '/home/web'],
    ['web:12345', 1000, 12345, [12345], '/home/web'],
    ['1000:adm', 1000, 4, [4], '/home/web'],
    ['homeless', 1001, 50, [50, 4], '/'],
    ['4711', 4711, 0, [0], '/'],
    ['4711:4712', 4711, 4712, [4712], '/'],
    ['4711:staff', 4711, 50, [50], '/'],
    [':staff', 0, 50, [50], '/root'],
    ['last', 4294967294, 4294967294, [4294967294], '/last'],
    ['4294967294', 4294967294, 4294967294, [4294967294], '/last'],
  ])('%j is uid %d, gid %d, groups %j, home %s', (spec, uid, gid, groups, home) => {
    expect(user(spec)).toEqual({ uid, gid, groups, home });
  });

  it('takes a number as a number, also where an account or a group has that name', () => {
    expect(user('1000').uid).toBe(1000);
    expect(user('web:4').gid).toBe(4);
  });

  it.each([
    ['nobody', 'unable to find user nobody: no matching entries in passwd file'],
    ['Web', 'unable to find user Web: no matching entries in passwd file'],
    [' web', 'unable to find user  web: no matching entries in passwd file'],
    ['0x0', 'unable to find user 0x0: no matching entries in passwd file'],
    ['1e3', 'unable to find user 1e3: no matching entries in passwd file'],
    ['1.0', 'unable to find user 1.0: no matching entries in passwd file'],
    ['web:nosuch', 'unable to find group nosuch: no matching entries in group file'],
    ['4294967295', 'unable to use user 4294967295: ids are numbers from 0 to 4294967294'],
    ['4294967296', 'unable to use user 4294967296'],
    ['99999999999999999999999', 'unable to use user 99999999999999999999999'],
    ['-1', 'unable to use user -1'],
    ['+0', 'unable to use user +0'],
    ['web:4294967295', 'unable to use group 4294967295'],
    ['web:-1', 'unable to use group -1'],
    ['broken', "its entry in the image's /etc/passwd has no valid id"],
    ['minus', "its entry in the image's /etc/passwd has no valid id"],
    ['huge', "its entry in the image's /etc/passwd has no valid id"],
    ['short', "its entry in the image's /etc/passwd has no valid id"],
    ['web:bad', "its entry in the image's /etc/group has no valid id"],
    [':', 'not of the form user[:group]'],
    ['a:b:c', 'not of the form user[:group]'],
  ])('refuses %j', (spec, message) => {
    expect(() => user(spec)).toThrow(
      expect.objectContaining({
        code: 'ERR_TSBOX_NO_SUCH_USER',
        message: expect.stringContaining(message),
      }),
    );
  });

  it('adds groups by name or number, each once', () => {
    expect(user('web', ['staff', '4', '31337']).groups).toEqual([1000, 4, 998, 50, 31337]);
    expect(user('web:staff', ['adm']).groups).toEqual([50, 4]);
    expect(() => user('web', ['nosuch'])).toThrow('unable to find group nosuch');
    expect(() => user('web', ['4294967295'])).toThrow('unable to use group');
    expect(() => user('web', [''])).toThrow('unable to find group');
  });

  it('knows only numbers in an image without account files', () => {
    const bare = (spec?: string) => resolveUser(spec, [], files(undefined, undefined));
    expect(bare()).toEqual({ uid: 0, gid: 0, groups: [0], home: '/' });
    expect(bare('7:8')).toEqual({ uid: 7, gid: 8, groups: [8], home: '/' });
    expect(() => bare('root')).toThrow('no matching entries in passwd file');
  });

  it('takes the first of several entries', () => {
    const twice = files('a:x:5:6::/first:\na:x:7:8::/second:\n', '');
    expect(resolveUser('a', [], twice)).toEqual({ uid: 5, gid: 6, groups: [6], home: '/first' });
  });

  it('reads files with carriage returns', () => {
    expect(resolveUser('a', [], files('a:x:5:6::/home:/bin/sh\r\n', '')).uid).toBe(5);
  });

  it('does not read the group file where nothing asks for it', () => {
    const read: string[] = [];
    resolveUser('7:8', [], (path) => void read.push(path) as undefined);
    expect(read).toEqual(['/etc/passwd']);
  });
});
