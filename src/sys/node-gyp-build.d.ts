// node-gyp-build ships no types: the two calls used here.
declare module 'node-gyp-build' {
  interface NodeGypBuild {
    /** Loads build/Release/*.node or the fitting prebuilds/ file below `dir`; throws when there is none. */
    (dir: string): unknown;
    /** The file that would be loaded. */
    path(dir: string): string;
  }
  const load: NodeGypBuild;
  export = load;
}
