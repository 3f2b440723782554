// Calls that change the process, not a context: they are on the addon itself.
#include "process.h"

#include <limits.h>
#include <unistd.h>

#include <cerrno>

namespace sluice {

namespace {

// chroot(path): `path` (one character a byte) becomes the root directory and the current one. 0 or -errno; never throws.
napi_value Chroot(napi_env env, napi_callback_info info) {
  napi_value arg = nullptr;
  size_t count = 1;
  napi_get_cb_info(env, info, &count, &arg, nullptr, nullptr);
  char path[PATH_MAX + 1];
  size_t length = 0;
  int err = 0;
  if (napi_get_value_string_latin1(env, arg, path, sizeof path, &length) != napi_ok || length == 0) {
    err = -EINVAL;
  } else if (length >= PATH_MAX) {
    err = -ENAMETOOLONG;
  } else if (::chroot(path) != 0 || ::chdir("/") != 0) {
    err = -errno;
  }
  napi_value out = nullptr;
  napi_create_int32(env, err, &out);
  return out;
}

}  // namespace

napi_status ProcessExports(napi_env env, napi_value exports) {
  napi_value f = nullptr;
  napi_status st = napi_create_function(env, "chroot", NAPI_AUTO_LENGTH, Chroot, nullptr, &f);
  return st == napi_ok ? napi_set_named_property(env, exports, "chroot", f) : st;
}

}  // namespace sluice
