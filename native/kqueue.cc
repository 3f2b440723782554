// Readiness on macOS and the BSDs, with the face of epoll.cc. A descriptor has two filters there, so one wait may bring it twice,
// once for each direction; readers merge masks.
#ifndef __linux__

#include <sys/event.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#include "args.h"
#include "calls.h"

namespace sluice {

namespace {

void* DataOf(int32_t gen) { return reinterpret_cast<void*>(static_cast<intptr_t>(gen)); }

int32_t GenOf(const struct kevent& ev) {
  return static_cast<int32_t>(reinterpret_cast<intptr_t>(reinterpret_cast<void*>(ev.udata)));
}

// EV_EOF on the read side: the peer sent its FIN; on the write side: nobody reads any more. `fflags` is then the socket's error.
int32_t MaskOf(const struct kevent& ev) {
  if (ev.flags & EV_ERROR) return kPollErr;
  int32_t mask = ev.filter == EVFILT_READ ? kPollIn : kPollOut;
  if (ev.flags & EV_EOF) {
    mask |= ev.filter == EVFILT_READ ? kPollRdhup : kPollHup;
    if (ev.fflags != 0) mask |= kPollErr;
  }
  return mask;
}

int Change(Ctx* ctx, int fd, int16_t filter, uint16_t flags, int32_t gen) {
  struct kevent ev;
  EV_SET(&ev, static_cast<uintptr_t>(fd), filter, flags, 0, 0, DataOf(gen));
  return ::kevent(ctx->pollFd, &ev, 1, nullptr, 0, nullptr) < 0 ? -errno : 0;
}

}  // namespace

int PollerOpen(Ctx* ctx) {
  ctx->pollFd = ::kqueue();  // never inherited across fork
  return ctx->pollFd < 0 ? -errno : 0;
}

void PollerClose(Ctx* ctx) {
  if (ctx->pollFd >= 0) ::close(ctx->pollFd);
  ctx->pollFd = -1;
}

int PollerAddHost(Ctx* ctx) { return Change(ctx, ctx->hostFd, EVFILT_READ, EV_ADD, 0); }

void PollerDelHost(Ctx* ctx) {
  if (ctx->pollFd >= 0) Change(ctx, ctx->hostFd, EVFILT_READ, EV_DELETE, 0);
}

void PollerForget(Ctx* ctx, int fd) {
  if (ctx->pollFd < 0) return;
  Change(ctx, fd, EVFILT_READ, EV_DELETE, 0);
  Change(ctx, fd, EVFILT_WRITE, EV_DELETE, 0);
}

napi_value PollAdd(napi_env env, napi_callback_info info) {
  Args<2> in(env, info);
  int fd = in.i32(0);
  int32_t gen = in.i32(1);
  int err = Change(in.ctx, fd, EVFILT_READ, EV_ADD | EV_CLEAR, gen);
  if (err < 0) return in.result(err);
  err = Change(in.ctx, fd, EVFILT_WRITE, EV_ADD | EV_CLEAR, gen);
  if (err < 0) Change(in.ctx, fd, EVFILT_READ, EV_DELETE, gen);
  return in.result(err);
}

napi_value PollDel(napi_env env, napi_callback_info info) {
  Args<1> in(env, info);
  int fd = in.i32(0);
  int err = Change(in.ctx, fd, EVFILT_READ, EV_DELETE, 0);
  int err2 = Change(in.ctx, fd, EVFILT_WRITE, EV_DELETE, 0);
  return in.result(err < 0 ? err : err2);
}

napi_value Poll(napi_env env, napi_callback_info info) {
  Args<1> in(env, info);
  if (!in.isNumber(0)) return in.result(-EINVAL);
  int32_t ms = in.i32(0);
  struct timespec limit;
  limit.tv_sec = ms < 0 ? 0 : ms / 1000;
  limit.tv_nsec = ms < 0 ? 0 : (ms % 1000) * 1000000L;
  struct kevent got[kEventsMax];
  int n = ::kevent(in.ctx->pollFd, nullptr, 0, got, kEventsMax, ms < 0 ? nullptr : &limit);
  if (n < 0) return in.result(errno == EINTR ? 0 : -errno);
  int32_t* to = in.ctx->events;
  for (int i = 0; i < n; i++, to += kEventStride) {
    to[0] = MaskOf(got[i]);
    to[1] = static_cast<int32_t>(got[i].ident);
    to[2] = GenOf(got[i]);
  }
  return in.result(n);
}

}  // namespace sluice

#endif  // !__linux__
