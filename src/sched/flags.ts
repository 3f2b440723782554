// State word of tasks and tasklets. Declarations only.
import type { FlagTable } from '../base/flags.js';

export const TASK_RUNNING = 0x0001; // its handler is on the stack now; set and cleared by the scheduler alone
export const TASK_QUEUED = 0x0002; // stands in a run queue; a second wake-up changes nothing but the reasons
export const TASK_KILLED = 0x0004; // freed; a handler that still runs must not touch it
export const TASK_SELF_WAKING = 0x0008; // woke itself while it ran; a task that always does is a spinning one
export const TASK_WOKEN_INIT = 0x0100; // first run after creation
export const TASK_WOKEN_TIMER = 0x0200; // its expiry date has passed
export const TASK_WOKEN_IO = 0x0400; // an I/O layer below asks for it
export const TASK_WOKEN_SIGNAL = 0x0800; // a process signal
export const TASK_WOKEN_MSG = 0x1000; // something was said to it: shutdown by the CLI, a filter, another stream
export const TASK_WOKEN_RES = 0x2000; // a resource is there: buffer, connection slot, server
export const TASK_WOKEN_OTHER = 0x4000; // any other reason

export const TASK_WOKEN_ANY =
  TASK_WOKEN_INIT |
  TASK_WOKEN_TIMER |
  TASK_WOKEN_IO |
  TASK_WOKEN_SIGNAL |
  TASK_WOKEN_MSG |
  TASK_WOKEN_RES |
  TASK_WOKEN_OTHER;

export const TASK_TABLE: FlagTable = {
  prefix: 'TASK_',
  bits: {
    RUNNING: TASK_RUNNING,
    QUEUED: TASK_QUEUED,
    KILLED: TASK_KILLED,
    SELF_WAKING: TASK_SELF_WAKING,
    WOKEN_INIT: TASK_WOKEN_INIT,
    WOKEN_TIMER: TASK_WOKEN_TIMER,
    WOKEN_IO: TASK_WOKEN_IO,
    WOKEN_SIGNAL: TASK_WOKEN_SIGNAL,
    WOKEN_MSG: TASK_WOKEN_MSG,
    WOKEN_RES: TASK_WOKEN_RES,
    WOKEN_OTHER: TASK_WOKEN_OTHER,
  },
};
