// Finds the native addon and makes sure that both sides speak of the same platform. Nothing here decides which transport runs.
//
//   SLUICE_NATIVE=0   the addon is not looked for (the js transport follows)
//   SLUICE_NATIVE=1   a missing addon is an error; together with SLUICE_TRANSPORT=js it is a start error
import { fileURLToPath } from 'node:url';
import nodeGypBuild from 'node-gyp-build';
import * as constants from './constants.js';
import * as errno from './errno.js';
import * as types from './types.js';
import type { Sys } from './types.js';

/** One open context of the addon: integers in, integers out, bound to its arena and poll set. */
export interface NativeCalls {
  readonly arena: ArrayBuffer;
  readonly events: ArrayBuffer;
  readonly ret: ArrayBuffer;
  readonly hostFd: number;
  readonly now: Sys['now'];
  readonly pause: (us: number) => number;
  readonly socket: Sys['socket'];
  readonly bind: Sys['bind'];
  readonly listen: Sys['listen'];
  readonly accept: Sys['accept'];
  readonly connect: Sys['connect'];
  readonly recv: Sys['recv'];
  readonly send: Sys['send'];
  readonly shutdown: Sys['shutdown'];
  readonly close: Sys['close'];
  readonly setsockopt: Sys['setsockopt'];
  readonly setsockoptBytes: Sys['setsockoptBytes'];
  readonly getsockopt: Sys['getsockopt'];
  readonly getsockoptBytes: Sys['getsockoptBytes'];
  readonly sockError: Sys['sockError'];
  readonly getsockname: Sys['getsockname'];
  readonly getpeername: Sys['getpeername'];
  readonly sendto: Sys['sendto'];
  readonly adopt: Sys['adopt'];
  /** `fd` is closed by somebody else from now on (a ring, another process): it no longer dies with the context. */
  readonly disown: (fd: number) => number;
  readonly pipe: Sys['pipe'];
  readonly splice: Sys['splice'];
  readonly pollAdd: Sys['pollAdd'];
  readonly pollDel: Sys['pollDel'];
  readonly poll: Sys['poll'];
  readonly discard: (ofs: number, len: number) => number;
  readonly wakeFd: Sys['wakeFd'];
  readonly wake: Sys['wake'];
  readonly hostStart: (rounds: () => void) => number;
  readonly hostStop: () => number;
  readonly hostTimeout: Sys['hostTimeout'];
  readonly destroy: () => void;
}

export interface Addon {
  /** Values of the system's headers by name, as far as the platform has them. */
  readonly constants: Readonly<Record<string, number>>;
  /** Maps an arena, opens a poll set. Returns the calls, or -errno. Units: bytes, 64 KiB to 2 GiB. */
  open(arenaBytes: number): NativeCalls | number;
  /** `path` (a binary string) becomes the root and the current directory of the process. 0 or -errno. */
  readonly chroot?: (path: string) => number;
}

export type AddonOrReason = { readonly addon: Addon } | { readonly addon: null; readonly reason: string };

/** The addon is missing where it was asked for, or does not fit this sluice. */
export class NativeAddonError extends Error {
  override readonly name = 'NativeAddonError';
  readonly code = 'SLUICE_NATIVE';
}

/** Root of the package: two levels above both src/sys and dist/sys. */
export const packageRoot = fileURLToPath(new URL('../..', import.meta.url));

/**
 * The addon, or why there is none. Errors: NativeAddonError when SLUICE_NATIVE=1 and it is missing or contradicted by
 * SLUICE_TRANSPORT=js, and when its constants differ from ours (a stale build).
 */
export function loadAddon(root = packageRoot, env: NodeJS.ProcessEnv = process.env): AddonOrReason {
  const wanted = env['SLUICE_NATIVE'] === '1';
  if (env['SLUICE_NATIVE'] === '0') return { addon: null, reason: 'switched off by SLUICE_NATIVE=0' };
  if (wanted && env['SLUICE_TRANSPORT'] === 'js') {
    throw new NativeAddonError('SLUICE_NATIVE=1 asks for the addon, SLUICE_TRANSPORT=js for the transport without it');
  }
  let found: unknown;
  try {
    found = nodeGypBuild(root);
  } catch (error) {
    const reason = firstLine(error);
    if (wanted) throw new NativeAddonError(`SLUICE_NATIVE=1 and no addon: ${reason}`, { cause: error });
    return { addon: null, reason };
  }
  if (!isAddon(found)) throw new NativeAddonError('the file found as addon is not one of sluice');
  const differences = constantsDiffer(found.constants);
  if (differences.length > 0) {
    throw new NativeAddonError(`constants of the addon differ, build it again: ${differences.join(', ')}`);
  }
  return { addon: found };
}

/** What differs between our constants and the addon's, as `NAME 1 (addon 2)`. Names that only one side has do not count. */
export function constantsDiffer(theirs: Readonly<Record<string, number>>): string[] {
  const ours: Readonly<Record<string, unknown>> = { ...constants, ...errno, ...types };
  const out: string[] = [];
  for (const [name, value] of Object.entries(theirs)) {
    const our = ours[name];
    if (typeof our === 'number' && our !== value) out.push(`${name} ${our} (addon ${value})`);
  }
  return out;
}

function isAddon(found: unknown): found is Addon {
  if (typeof found !== 'object' || found === null) return false;
  return 'open' in found && typeof found.open === 'function' && 'constants' in found;
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n', 1)[0] ?? text;
}
