// Addresses as the engine carries them. Declarations only.

/** A socket address, decoded. */
export interface Address {
  /** AF_INET, AF_INET6 or AF_UNIX. */
  readonly family: number;
  /** Textual host, or path of a UNIX socket (abstract: without the leading NUL). */
  readonly host: string;
  /** 0 for UNIX sockets. */
  readonly port: number;
  readonly abstract: boolean;
  /** Its sockaddr bytes once it was written: connecting to the same server again encodes nothing. */
  encoded: Uint8Array | null;
}
