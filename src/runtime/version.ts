// What the program calls itself: the version of the package, and the version of HAProxy whose behaviour it has.

import { readFileSync } from 'node:fs';
import { release, type as osType, machine, version as osVersion } from 'node:os';
import { type Feature, featureList } from './features.js';

/** HAProxy's line whose behaviour and language sluice has. */
export const COMPAT_VERSION = '2.6';

/** Version of HAProxy that conditions compare with: SLUICE_COMPAT_VERSION, else 2.6. */
export function compatVersion(env: Readonly<Record<string, string | undefined>>): string {
  const asked = env['SLUICE_COMPAT_VERSION'];
  return asked === undefined || asked === '' ? COMPAT_VERSION : asked;
}

interface PackageJson {
  readonly version: string;
  /** yyyy/mm/dd */
  readonly releaseDate: string;
}

/** package.json, which lies two folders up from here in the source and in the build. */
function packageJson(): PackageJson {
  return JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as PackageJson;
}

export function packageVersion(): string {
  return packageJson().version;
}

/** Day of the release, yyyy/mm/dd. */
export function releaseDate(): string {
  return packageJson().releaseDate;
}

/** `2.6-sluice0.1.0` */
export function programVersion(): string {
  return `${COMPAT_VERSION}-sluice${packageVersion()}`;
}

/** The text of -v. Test suites look for `HAProxy version` at the start. */
export function versionText(): string {
  return [
    `HAProxy version ${programVersion()} (sluice ${packageVersion()}, a TCP proxy for Node.js with HAProxy's architecture)`,
    `Status: in development, compatible with HAProxy ${COMPAT_VERSION} as far as it goes.`,
    `Running on: ${osType()} ${release()} ${osVersion()} ${machine()}`,
    '',
  ].join('\n');
}

export interface VersionDetails {
  readonly features: readonly Feature[];
  /** Transports in the order of preference: name, and '' or why it cannot be used. */
  readonly transports: readonly { readonly name: string; readonly failure: string }[];
  /** The one in use unless told otherwise. */
  readonly chosen: string;
}

const TARGETS: Readonly<Record<string, string>> = { linux: 'linux-glibc', darwin: 'osx', freebsd: 'freebsd' };

/** The text of -vv, laid out like the reference's, which suites read. */
export function versionDetails(d: VersionDetails): string {
  const usable = d.transports.filter((t) => t.failure === '');
  const lines = [
    'Build options :',
    `  TARGET  = ${TARGETS[process.platform] ?? process.platform}`,
    '  CPU     = generic',
    `  OPTIONS = ${d.features
      .filter((f) => f.on)
      .map((f) => `${f.name}=1`)
      .join(' ')}`,
    '',
    `Feature list : ${featureList(d.features)}`,
    '',
    'Default settings :',
    '  bufsize = 16384, maxrewrite = 1024, maxpollevents = 200',
    '',
    'Built with multi-threading support (MAX_THREADS=64, default=1).',
    `Running on Node.js ${process.versions.node}, V8 ${process.versions.v8}, libuv ${process.versions.uv}.`,
    '',
    'Available polling systems :',
    ...d.transports.map((t, i) => {
      const result = t.failure === '' ? 'test result OK' : `test result FAILED (${t.failure})`;
      return `${t.name.padStart(11)} : pref=${300 - 50 * i},  ${result}`;
    }),
    `Total: ${d.transports.length} (${usable.length} usable), will use ${d.chosen}.`,
    '',
    'Available multiplexer protocols :',
    `(protocols marked as <default> cannot be specified using 'proto' keyword)`,
    '  <default> : mode=TCP   side=FE|BE  mux=PASS  flags=',
    '       none : mode=TCP   side=FE|BE  mux=PASS  flags=NO_UPG',
    '',
  ];
  return `${versionText()}${lines.join('\n')}\n`;
}
