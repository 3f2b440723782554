// Calls of the whole process.
#ifndef SLUICE_PROCESS_H_
#define SLUICE_PROCESS_H_

#include <node_api.h>

namespace sluice {

// Adds `chroot` to the addon.
napi_status ProcessExports(napi_env env, napi_value exports);

}  // namespace sluice

#endif  // SLUICE_PROCESS_H_
