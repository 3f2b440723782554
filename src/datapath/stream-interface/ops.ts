// What a kind of endpoint does for its stream-interface. Declarations only.
import type { StreamInterface } from './stream-interface.js';

export interface SiOps {
  readonly name: string;
  /** Room was made in `ic`, or reading was allowed again: go on receiving. */
  chkRcv(si: StreamInterface): void;
  /** Output was scheduled in `oc`: send it now if that can be done. */
  chkSnd(si: StreamInterface): void;
  /** No more reads. */
  shutr(si: StreamInterface): void;
  /** No more writes; what was scheduled has left or is dropped. */
  shutw(si: StreamInterface): void;
  /** Lets go of the endpoint. */
  release(si: StreamInterface): void;
}
