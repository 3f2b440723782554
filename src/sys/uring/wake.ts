// What is polled for other reasons than bytes of a connection: the host loop's descriptor, eventfds of other threads, and
// descriptors that wait for nothing but must not miss an error or a hang-up.
import { SYS_POLL_IN } from '../types.js';
import {
  armHup,
  C_OPS,
  C_RST,
  C_SERIAL,
  C_CONN,
  entry,
  F_BARE,
  F_CLOSING,
  F_HUP,
  F_LISTEN,
  F_PHUP,
  F_POUT,
  F_REG,
  K_HOST,
  K_SHIFT,
  K_WAKE,
  N_RING,
  R_POLL,
  R_RECV,
  REC_SHIFT,
  type UringCore,
} from './core.js';
import { OP_POLL_ADD, POLL_MULTI } from './types.js';

const POLL_ET = 1 << 31;
const SKIP = F_CLOSING | F_HUP | F_PHUP | F_POUT | F_LISTEN;

/** One-shot: fires again at each arming while libuv has something due. */
export function armHost(c: UringCore, fd: number): void {
  c.hostArmed = true;
  entry(c, OP_POLL_ADD, fd, 0, -1, 0, SYS_POLL_IN, (K_HOST << K_SHIFT) | fd, 0, 0);
}

/** Each write is an edge of its own: nobody reads the counter. */
export function armWake(c: UringCore, fd: number): void {
  const at = fd << REC_SHIFT;
  c.tab[at + C_OPS]!++;
  c.ops++;
  entry(
    c,
    OP_POLL_ADD,
    fd,
    0,
    -1,
    POLL_MULTI,
    SYS_POLL_IN | POLL_ET,
    (K_WAKE << K_SHIFT) | fd,
    c.tab[at + C_SERIAL]!,
    0,
  );
}

/** Arms the poll for hang-up where nothing else would show it. */
export function sweep(c: UringCore): void {
  const n = c.bareLen;
  c.bareLen = 0;
  for (let i = 0; i < n; i++) {
    const fd = c.bare[i]!;
    const at = fd << REC_SHIFT;
    const t = c.tab;
    const f = t[at]!;
    t[at] = f & ~F_BARE;
    if ((f & F_REG) === 0 || (f & SKIP) !== 0) continue;
    const state = t[at + C_RST];
    if (state === R_RECV || state === R_POLL || t[at + C_CONN] === N_RING) continue;
    armHup(c, fd);
  }
}
