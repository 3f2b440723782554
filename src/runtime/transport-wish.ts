// The name of a transport that the environment forces. Asked at every start: nothing of a transport is loaded for it.

export type TransportWish = '' | 'epoll' | 'kqueue' | 'uring' | 'js';

/**
 * The transport that `SLUICE_TRANSPORT` names is not available, or there is none of that name.
 * @example
 * if (error instanceof TransportError) console.error(error.message); // transport uring is not available: …
 */
export class TransportError extends Error {
  override readonly name = 'TransportError';
  readonly code = 'SLUICE_TRANSPORT';
}

const NAMES: readonly string[] = ['epoll', 'kqueue', 'uring', 'js'];

/** What SLUICE_TRANSPORT says. Throws TransportError for a name that there is not. */
export function forcedTransport(env: NodeJS.ProcessEnv): TransportWish {
  const name = env['SLUICE_TRANSPORT'] ?? '';
  if (name === '' || NAMES.includes(name)) return name as TransportWish;
  throw new TransportError(`SLUICE_TRANSPORT=${name}: there is no such transport; there are ${NAMES.join(', ')}`);
}
