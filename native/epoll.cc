// Readiness on Linux: each descriptor enters the set once, edge-triggered for both directions, and is never modified.
#ifdef __linux__

#include <sys/epoll.h>
#include <unistd.h>

#include "args.h"
#include "calls.h"

namespace sluice {

namespace {

epoll_data_t DataOf(int fd, int32_t gen) {
  epoll_data_t data;
  data.u64 = static_cast<uint32_t>(fd) | (static_cast<uint64_t>(static_cast<uint32_t>(gen)) << 32);
  return data;
}

}  // namespace

int PollerOpen(Ctx* ctx) {
  ctx->pollFd = ::epoll_create1(EPOLL_CLOEXEC);
  return ctx->pollFd < 0 ? -errno : 0;
}

void PollerClose(Ctx* ctx) {
  if (ctx->pollFd >= 0) ::close(ctx->pollFd);
  ctx->pollFd = -1;
}

// Level-triggered: as long as libuv has not taken its events, every wait says so.
int PollerAddHost(Ctx* ctx) {
  epoll_event ev{};
  ev.events = EPOLLIN;
  ev.data = DataOf(ctx->hostFd, 0);
  return ::epoll_ctl(ctx->pollFd, EPOLL_CTL_ADD, ctx->hostFd, &ev) < 0 ? -errno : 0;
}

void PollerDelHost(Ctx* ctx) { PollerForget(ctx, ctx->hostFd); }

void PollerForget(Ctx* ctx, int fd) {
  epoll_event ev{};
  if (ctx->pollFd >= 0) ::epoll_ctl(ctx->pollFd, EPOLL_CTL_DEL, fd, &ev);
}

// pollAdd(fd, gen)
napi_value PollAdd(napi_env env, napi_callback_info info) {
  Args<2> in(env, info);
  int fd = in.i32(0);
  epoll_event ev{};
  ev.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  ev.data = DataOf(fd, in.i32(1));
  return in.sysResult(::epoll_ctl(in.ctx->pollFd, EPOLL_CTL_ADD, fd, &ev));
}

// pollDel(fd)
napi_value PollDel(napi_env env, napi_callback_info info) {
  Args<1> in(env, info);
  epoll_event ev{};
  return in.sysResult(::epoll_ctl(in.ctx->pollFd, EPOLL_CTL_DEL, in.i32(0), &ev));
}

// poll(timeoutMs): number of events, written as [mask, fd, generation]; interrupted is 0
napi_value Poll(napi_env env, napi_callback_info info) {
  Args<1> in(env, info);
  if (!in.isNumber(0)) return in.result(-EINVAL);
#if defined(__x86_64__)
  // the kernel's packed struct is the layout that the other side reads
  static_assert(sizeof(epoll_event) == kEventStride * sizeof(int32_t), "epoll_event is not packed");
  int n = ::epoll_wait(in.ctx->pollFd, reinterpret_cast<epoll_event*>(in.ctx->events), kEventsMax, in.i32(0));
#else
  epoll_event got[kEventsMax];
  int n = ::epoll_wait(in.ctx->pollFd, got, kEventsMax, in.i32(0));
  int32_t* to = in.ctx->events;
  for (int i = 0; i < n; i++, to += kEventStride) {
    to[0] = static_cast<int32_t>(got[i].events);
    to[1] = static_cast<int32_t>(got[i].data.u64);
    to[2] = static_cast<int32_t>(got[i].data.u64 >> 32);
  }
#endif
  if (n < 0) return in.result(errno == EINTR ? 0 : -errno);
  return in.result(n);
}

}  // namespace sluice

#endif  // __linux__
