// A process with few descriptors: what accepts in the ring do when there are none left. Run by uring-accept.test.ts.
import assert from 'node:assert/strict';
import { writeSync } from 'node:fs';
import { AF_INET, SOCK_STREAM } from '../../src/sys/constants.js';
import { EAGAIN, EMFILE } from '../../src/sys/errno.js';
import { SYS_POLL_IN, SYS_RECV_COMPLETE } from '../../src/sys/types.js';
import * as U from './uring-support.js';

const r = new U.Rig();
const { fd: lfd, port } = r.listen();
U.ok(r.sys.pollAdd(lfd, 5), 'pollAdd');
r.sys.want(lfd, 1, SYS_RECV_COMPLETE);
r.settle();
const far = [U.ok(r.peer.socket(AF_INET, SOCK_STREAM), 'socket'), U.ok(r.peer.socket(AF_INET, SOCK_STREAM), 'socket')];
const taken: number[] = [];
for (let fd = r.peer.socket(AF_INET, SOCK_STREAM); fd >= 0; fd = r.peer.socket(AF_INET, SOCK_STREAM)) taken.push(fd);
r.peer.connect(far[0]!, U.ADDR, U.in4(r.peer, U.ADDR, port));
r.event(lfd, SYS_POLL_IN);
assert.equal(r.sys.accept(lfd, U.ADDR), -EMFILE);
assert.equal(r.sys.accept(lfd, U.ADDR), -EAGAIN);
writeSync(1, 'EMFILE');

r.sys.want(lfd, 0, SYS_RECV_COMPLETE);
r.settle();
r.seen.clear();
const enters = r.sys.core.ring.enters;
r.turn(30);
r.turn(30);
assert.equal(r.seen.size, 0);
assert.ok(r.sys.core.ring.enters - enters <= 4);
assert.equal(r.sys.core.listeners[lfd]!.armed, 0);
writeSync(1, ', paused');

for (const fd of taken) r.peer.close(fd);
r.sys.want(lfd, 1, SYS_RECV_COMPLETE);
r.event(lfd, SYS_POLL_IN);
U.ok(r.sys.accept(lfd, U.ADDR), 'accept');
r.destroy();
writeSync(1, ', resumed\n');
