// Digests and ciphers (configuration manual 7.3.1), all from OpenSSL through node:crypto.
import { createDecipheriv, createHash, createHmac, getHashes } from 'node:crypto';
import { readVarArg, stringOf } from './arg-values.js';
import { binaryOfBytes, bytesOf } from './binary.js';
import { base64Decode } from './conv-encode.js';
import { smpBin } from './sample.js';
import { ARG_SINT, ARG_STR, type Arg, type ConverterDef, SMP_T_BIN, type SampleContext } from './types.js';

/** The name under which node:crypto has `name`; '' for none. Variable-length ones are no digests here. */
function digestName(name: string): string {
  const lower = name.toLowerCase();
  return getHashes().find((h) => h.toLowerCase() === lower) ?? '';
}

function checkDigest(args: Arg[]): string {
  const found = digestName(args[0]!.str);
  if (found === '') return 'algorithm must be a valid OpenSSL message digest name.';
  args[0]!.ready = found;
  return '';
}

/** A base64 key, or a variable that holds one; '' or `failed`. */
function checkKey(arg: Arg, failed: string): string {
  if (readVarArg(arg) === '') return '';
  if (base64Decode(arg.str) === null) return failed;
  return '';
}

/** Bytes of a key argument now; null where its variable has none. */
function keyOf(arg: Arg, ctx: SampleContext): string | null {
  const text = stringOf(arg, ctx);
  return text === null ? null : base64Decode(text);
}

function digest(words: string, algorithm: string): ConverterDef {
  return {
    words,
    args: { kinds: [], min: 0 },
    inType: SMP_T_BIN,
    outType: SMP_T_BIN,
    manual: '7.3.1',
    conv: (smp) => smpBin(smp, hashed(algorithm, smp.str)),
  };
}

function hashed(algorithm: string, s: string): string {
  return binaryOfBytes(createHash(algorithm).update(bytesOf(s)).digest());
}

const SHA2_BITS = [224, 256, 384, 512];

function gcmCheck(args: Arg[]): string {
  const bits = args[0]!.int;
  if (bits !== 128 && bits !== 192 && bits !== 256) return 'key size must be 128, 192 or 256 (bits).';
  for (const [i, what] of ['nonce', 'key', 'aead_tag'].entries()) {
    const wrong = checkKey(
      args[i + 1]!,
      `failed to parse ${what} : argument needs to be base64 encoded, and can either be a string or a variable`,
    );
    if (wrong !== '') return wrong;
  }
  return '';
}

/** AES in Galois/Counter mode; null where the tag does not fit, or the key has not `bits`. */
function gcmDecrypt(bits: number, nonce: string, key: string, tag: string, text: string): string | null {
  if (key.length * 8 !== bits || nonce === '') return null;
  try {
    const algorithm = bits === 128 ? 'aes-128-gcm' : bits === 192 ? 'aes-192-gcm' : 'aes-256-gcm';
    const cipher = createDecipheriv(algorithm, bytesOf(key), bytesOf(nonce), { authTagLength: tag.length });
    cipher.setAuthTag(bytesOf(tag));
    return binaryOfBytes(cipher.update(bytesOf(text))) + binaryOfBytes(cipher.final());
  } catch {
    return null; // wrong tag, or a length that OpenSSL does not take
  }
}

export const CONVERTERS_CRYPTO: readonly ConverterDef[] = [
  digest('sha1', 'sha1'),
  {
    words: 'sha2',
    args: { kinds: [ARG_SINT], min: 0 },
    inType: SMP_T_BIN,
    outType: SMP_T_BIN,
    manual: '7.3.1',
    check: (args) => {
      const bits = args[0]?.int ?? 256;
      return SHA2_BITS.includes(bits) ? '' : `Unsupported number of bits: '${bits}'`;
    },
    conv: (smp, args) => smpBin(smp, hashed(`sha${args[0]?.int ?? 256}`, smp.str)),
  },
  {
    words: 'digest',
    args: { kinds: [ARG_STR], min: 1 },
    inType: SMP_T_BIN,
    outType: SMP_T_BIN,
    manual: '7.3.1',
    check: checkDigest,
    conv: (smp, args) => smpBin(smp, hashed(args[0]!.ready as string, smp.str)),
  },
  {
    words: 'hmac',
    args: { kinds: [ARG_STR, ARG_STR], min: 2 },
    inType: SMP_T_BIN,
    outType: SMP_T_BIN,
    manual: '7.3.1',
    check: (args) => {
      const wrong = checkDigest(args);
      if (wrong !== '') return wrong;
      const what =
        'failed to parse key : argument needs to be base64 encoded, and can either be a string or a variable';
      return checkKey(args[1]!, what);
    },
    conv: (smp, args, ctx) => {
      const key = keyOf(args[1]!, ctx);
      if (key === null) return false;
      const mac = createHmac(args[0]!.ready as string, bytesOf(key)).update(bytesOf(smp.str));
      return smpBin(smp, binaryOfBytes(mac.digest()));
    },
  },
  {
    words: 'aes_gcm_dec',
    args: { kinds: [ARG_SINT, ARG_STR, ARG_STR, ARG_STR], min: 4 },
    inType: SMP_T_BIN,
    outType: SMP_T_BIN,
    manual: '7.3.1',
    check: gcmCheck,
    conv: (smp, args, ctx) => {
      const nonce = keyOf(args[1]!, ctx);
      const key = keyOf(args[2]!, ctx);
      const tag = keyOf(args[3]!, ctx);
      if (nonce === null || key === null || tag === null) return false;
      const text = gcmDecrypt(args[0]!.int, nonce, key, tag, smp.str);
      return text !== null && smpBin(smp, text);
    },
  },
];
