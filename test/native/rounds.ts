// Rounds as a loop would run them: they block in `poll` for what the host loop allows, and leave when it has something due.
import type { NativeSys } from '../../src/sys/native.js';
import { EVENT_FD, EVENT_STRIDE } from '../../src/sys/types.js';

const ROUNDS_MAX = 64;
const WAIT_MAX_MS = 5000; // a wait that ends here slept through something

export interface Rounds {
  turns: number;
  /** Waits that lasted WAIT_MAX_MS although the host loop had something coming, or nothing at all. */
  stalls: number;
  /** Times the host's descriptor was reported. */
  host: number;
  run: () => void;
}

export function makeRounds(sys: NativeSys, onEvent: (at: number) => void): Rounds {
  const rounds: Rounds = {
    turns: 0,
    stalls: 0,
    host: 0,
    run: () => {
      rounds.turns++;
      for (let round = 0; round < ROUNDS_MAX; round++) {
        const due = sys.hostTimeout();
        const wait = due < 0 || due > WAIT_MAX_MS ? WAIT_MAX_MS : due;
        const n = sys.poll(wait);
        if (n === 0 && wait === WAIT_MAX_MS) rounds.stalls++;
        let leave = due === 0 || n !== 0;
        for (let at = 0; at < n * EVENT_STRIDE; at += EVENT_STRIDE) {
          if (sys.events[at + EVENT_FD] === sys.hostFd) {
            rounds.host++;
            leave = true;
          } else {
            onEvent(at);
          }
        }
        if (leave) return; // after events too: promises they settled run outside the rounds
      }
    },
  };
  return rounds;
}
