// From files to a running instance: what the program, the subcommands and the library have in common.
import { hostname } from 'node:os';
import type { ConditionContext } from '../config/conditions.js';
import { checkLimits } from '../config/limits.js';
import type { Report } from '../config/types.js';
import type { Addon } from '../sys/load.js';
import { loadAddon } from '../sys/load.js';
import { SYS_F_INHERIT } from '../sys/types.js';
import { JsSys } from '../sys/js/js-sys.js';
import { NATIVE_FEATURES } from '../sys/native.js';
import { probeUring } from '../sys/uring.js';
import { buildFeatures, type Feature, hasFeature, isEnabled, type Switches } from './features.js';
import { forcedTransport } from './transport.js';
import { compatVersion } from './version.js';

/** What this process could use, found out once and without opening anything that stays open. */
export interface Surroundings {
  /** null: not loaded, `reason` says why. */
  readonly addon: Addon | null;
  readonly reason: string;
  /** SYS_F_* bits of the transport that will serve. */
  readonly features: number;
  readonly uring: boolean;
  readonly list: readonly Feature[];
}

/** Features of the js transport, also where none is open. */
export const JS_FEATURES = new JsSys({ arenaBytes: 65536 }).features | SYS_F_INHERIT;

export function lookAround(env: NodeJS.ProcessEnv): Surroundings {
  const forced = forcedTransport(env);
  const found = loadAddon(undefined, env);
  const reason = found.addon === null ? found.reason : '';
  if (forced === 'js' || found.addon === null) {
    return {
      addon: found.addon,
      reason,
      features: JS_FEATURES,
      uring: false,
      list: buildFeatures({ features: JS_FEATURES, uring: false }),
    };
  }
  const uring = probeUring(found.addon).err === 0;
  const features = NATIVE_FEATURES;
  return { addon: found.addon, reason: '', features, uring, list: buildFeatures({ features, uring }) };
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

/** Errors for what the transport in use cannot do (C31). */
export function transportReports(
  limited: Parameters<typeof checkLimits>[0],
  features: number,
  name: string,
): readonly Report[] {
  return checkLimits(limited, features, name);
}

export const HOST_NAME = hostname();
