// From files to a running instance: what the program, the subcommands and the library have in common.
import { hostname } from 'node:os';
import type { ConditionContext } from '../config/conditions.js';
import { haproxyLine } from '../config/print-haproxy.js';
import type { Addon } from '../sys/load.js';
import { loadAddon } from '../sys/load.js';
import { JS_FEATURES } from '../sys/js/features.js';
import { NATIVE_FEATURES } from '../sys/native.js';
import { probeUring } from '../sys/uring/probe.js';
import { buildFeatures, type Feature, hasFeature, isEnabled, type Switches } from './features.js';
import { forcedTransport } from './transport-wish.js';
import { compatVersion } from './version.js';

/** What this process could use. What costs to find out is looked for when asked, once; nothing stays open. */
export interface Surroundings {
  /** null: not loaded, `reason` says why. */
  readonly addon: Addon | null;
  readonly reason: string;
  /** SYS_F_* bits of the transport that will serve. */
  readonly features: number;
  readonly uring: boolean;
  readonly list: readonly Feature[];
}

/** Throws TransportError or NativeAddonError where the environment contradicts itself. */
export function lookAround(env: NodeJS.ProcessEnv): Surroundings {
  const forced = forcedTransport(env);
  const found = loadAddon(undefined, env);
  const reason = found.addon === null ? found.reason : '';
  const native = forced !== 'js' && found.addon !== null;
  const features = native ? NATIVE_FEATURES : JS_FEATURES;
  let uring: boolean | null = null;
  let list: readonly Feature[] | null = null;
  return {
    addon: found.addon,
    reason,
    features,
    get uring() {
      return (uring ??= native && probeUring(found.addon).err === 0);
    },
    get list() {
      return (list ??= buildFeatures(this));
    },
  };
}

export function conditionContext(around: Surroundings, off: Switches, env: NodeJS.ProcessEnv): ConditionContext {
  return {
    defined: (name) => env[name] !== undefined,
    feature: (name) => hasFeature(around.list, name),
    enabled: (name) => isEnabled(around.list, off, name),
    version: compatVersion(env),
    sslVersion: process.versions.openssl,
    sslName: 'OpenSSL',
  };
}

/** Says why the program cannot run in this environment; returns the exit status. Throws what is no such error. */
export function environmentFailed(error: unknown): number {
  if (!(error instanceof Error && 'code' in error)) throw error;
  process.stderr.write(`${haproxyLine('alert', process.pid, `[sluice.main()] ${error.message}`)}\n`);
  return 1;
}

export const HOST_NAME = hostname();
