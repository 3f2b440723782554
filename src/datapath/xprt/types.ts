// What the readers of handshake headers answer. Declarations only.
import type { ProxyTlv } from '../connection/types.js';
import type { Address } from '../proto/types.js';

/** A header read whole. */
export interface Header {
  /** Bytes it takes; what follows belongs to the stream. */
  readonly bytes: number;
  /** The advertised ends; null: the real ones of the connection count. */
  readonly src: Address | null;
  readonly dst: Address | null;
  readonly tlvs: readonly ProxyTlv[] | null;
}

/**
 * A header; or a number: how many bytes there must be before it is worth looking again (more than there are), or, where
 * negative, what is wrong: -CO_ER_*.
 */
export type HeaderRead = Header | number;
