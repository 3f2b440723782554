// io_uring for the addon: set-up, mappings, and the one call that enters the kernel. No submission is written here and
// no completion is read: src/sys/uring/ does both, in the mapped rings.
#ifndef SLUICE_NATIVE_URING_H_
#define SLUICE_NATIVE_URING_H_

#include <node_api.h>

/// Adds `uringProbe`, `uringSetup`, `uringAddress` and `uringWrite` to `exports`. Elsewhere than on Linux the same names
/// answer -ENOSYS. Keeps no state of its own: all of it belongs to the objects that `uringSetup` hands out.
napi_status UringExports(napi_env env, napi_value exports);

#endif  // SLUICE_NATIVE_URING_H_
