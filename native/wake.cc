// Waking another thread's poll. The counter is never read: in an edge-triggered set each write is an edge of its own.
#include <unistd.h>

#include "args.h"
#include "calls.h"

#ifdef __linux__
#include <sys/eventfd.h>
#endif

namespace sluice {

// wakeFd(): an eventfd, or -ENOSYS
napi_value WakeFd(napi_env env, napi_callback_info info) {
  Args<0> in(env, info);
#ifdef __linux__
  int fd = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (fd < 0) return in.result(-errno);
  in.ctx->fds.mark(fd, kFdOurs);
  return in.result(fd);
#else
  return in.result(-ENOSYS);
#endif
}

// wake(fd): from any thread
napi_value Wake(napi_env env, napi_callback_info info) {
  Args<1> in(env, info);
#ifdef __linux__
  const uint64_t one = 1;
  ssize_t put = ::write(in.i32(0), &one, sizeof one);
  return in.result(put < 0 ? -errno : 0);
#else
  return in.result(-ENOSYS);
#endif
}

}  // namespace sluice
