// State word of a descriptor. Declarations only.
import type { FlagTable } from '../../base/flags.js';

// Two pairs: what the owner wants, and what the descriptor is believed able to do.
//   ACTIVE READY   meaning
//     0      0     nobody asks, nothing known: events are only remembered
//     0      1     may be tried at once when somebody asks
//     1      0     waits for an edge
//     1      1     never rests: whoever sets ACTIVE tries first, whoever sets READY wakes the owner
export const FD_EV_ACTIVE_R = 0x0001; // the owner waits for input
export const FD_EV_READY_R = 0x0002; // a receive may give something; cleared by EAGAIN or a short read
export const FD_EV_ACTIVE_W = 0x0010; // the owner waits for room to send
export const FD_EV_READY_W = 0x0020; // a send may take something; cleared by EAGAIN or a short send
export const FD_POLL_HUP = 0x0100; // both directions are closed; sticky
export const FD_POLL_ERR = 0x0200; // an error is pending on the socket; sticky
export const FD_POLL_RDHUP = 0x0400; // the peer has sent its FIN (it may lie behind data); sticky
export const FD_POLLED = 0x1000; // member of the poller's set
export const FD_BULK = 0x2000; // large flows: on a completion transport, receives are awaited by poll
export const FD_LINGER_RISK = 0x4000; // closing must send RST instead of lingering

export const FD_TABLE: FlagTable = {
  prefix: 'FD_',
  bits: {
    EV_ACTIVE_R: FD_EV_ACTIVE_R,
    EV_READY_R: FD_EV_READY_R,
    EV_ACTIVE_W: FD_EV_ACTIVE_W,
    EV_READY_W: FD_EV_READY_W,
    POLL_HUP: FD_POLL_HUP,
    POLL_ERR: FD_POLL_ERR,
    POLL_RDHUP: FD_POLL_RDHUP,
    POLLED: FD_POLLED,
    BULK: FD_BULK,
    LINGER_RISK: FD_LINGER_RISK,
  },
};

/**
 * State letters of `show fd`, capital where set, in the reference's layout: L linger risk; H hang-up, E error; for each
 * direction R ready, A active. What is always small has no meaning with edge-triggered polling: clones (c), the events of the
 * last poll (o, p, i), closed directions (s).
 */
export function fdStateLetters(state: number): string {
  const one = (bit: number, letter: string): string => ((state & bit) !== 0 ? letter.toUpperCase() : letter);
  const linger = one(FD_LINGER_RISK, 'l');
  const poll = one(FD_POLL_HUP, 'h') + one(FD_POLL_ERR, 'e');
  const write = one(FD_EV_READY_W, 'r') + one(FD_EV_ACTIVE_W, 'a');
  const read = one(FD_EV_READY_R, 'r') + one(FD_EV_ACTIVE_R, 'a');
  return `c${linger} ${poll}opi W:s${write} R:s${read}`;
}
