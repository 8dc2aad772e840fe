import type { ChildProgram, Launch } from '../../core/plugin/index.js';

/** Host and domain name, where the container has a UTS namespace for them. */
export function recordHostNames(child: ChildProgram, launch: Launch): void {
  if (!launch.namespaces.has('uts')) return;
  recordName(child, 'sethostname', launch.hostname);
  if (launch.spec.domainname) recordName(child, 'setdomainname', launch.spec.domainname);
}

function recordName(child: ChildProgram, call: 'sethostname' | 'setdomainname', name: string): void {
  child.outside.call(call, [name, Buffer.byteLength(name)], { hint: 'a name has at most 64 bytes: sethostname(2)' });
}
