// Life inside libuv. A prepare handle enters our rounds, which block in our own wait; an idle handle that is always active makes
// libuv's own poll a mere look (time-out 0). libuv's backend descriptor is a member of our set while the rounds run.
//
//   uv_run:  timers · pending · idle(no-op) · prepare → rounds() blocks in poll() · io_poll(0) · check · closing
//
// libuv lies outside the Node-API promise: this file uses prepare, idle, the backend's descriptor and time-out, nothing more.
// Handles are allocated with the size that the running libuv tells.
#include <time.h>
#include <uv.h>

#include <cstdlib>

#include "args.h"
#include "calls.h"

namespace sluice {

struct Host {
  napi_env env = nullptr;
  Ctx* ctx = nullptr;  // null once stopped
  uv_loop_t* loop = nullptr;
  uv_prepare_t* prepare = nullptr;
  uv_idle_t* idle = nullptr;
  napi_ref rounds = nullptr;
  napi_async_cleanup_hook_handle hook = nullptr;
  int open = 0;  // handles whose close callback has not run
};

namespace {

uv_loop_t* LoopOf(napi_env env) {
  uv_loop_t* loop = nullptr;
  return napi_get_uv_event_loop(env, &loop) == napi_ok ? loop : nullptr;
}

void OnIdle(uv_idle_t*) {}

// One turn. An exception becomes the process's uncaughtException; the next turn comes all the same if that was survived. When the
// environment is being torn down (worker.terminate), calls fail without an exception: nothing to report.
void OnPrepare(uv_prepare_t* handle) {
  Host* host = static_cast<Host*>(handle->data);
  napi_env env = host->env;
  napi_handle_scope scope;
  if (napi_open_handle_scope(env, &scope) != napi_ok) return;
  napi_value fn = nullptr;
  napi_value self = nullptr;
  if (napi_get_reference_value(env, host->rounds, &fn) == napi_ok && fn != nullptr &&
      napi_get_global(env, &self) == napi_ok) {
    napi_status status = napi_make_callback(env, nullptr, self, fn, 0, nullptr, nullptr);
    if (status == napi_pending_exception) {
      napi_value error = nullptr;
      if (napi_get_and_clear_last_exception(env, &error) == napi_ok) napi_fatal_exception(env, error);
    }
  }
  napi_close_handle_scope(env, scope);
}

void OnClosed(uv_handle_t* handle) {
  Host* host = static_cast<Host*>(handle->data);
  std::free(handle);
  if (--host->open != 0) return;
  if (host->hook != nullptr) napi_remove_async_cleanup_hook(host->hook);
  delete host;
}

void Stop(Host* host) {
  if (host->ctx == nullptr) return;
  PollerDelHost(host->ctx);
  host->ctx->host = nullptr;
  host->ctx = nullptr;
  uv_prepare_stop(host->prepare);
  uv_idle_stop(host->idle);
  napi_delete_reference(host->env, host->rounds);
  host->rounds = nullptr;
  uv_close(reinterpret_cast<uv_handle_t*>(host->prepare), OnClosed);
  uv_close(reinterpret_cast<uv_handle_t*>(host->idle), OnClosed);
}

// The environment ends with the rounds still running. The hook keeps it until libuv has given the handles back.
void OnEnvEnds(napi_async_cleanup_hook_handle, void* arg) { Stop(static_cast<Host*>(arg)); }

}  // namespace

int HostFdOf(napi_env env) {
  uv_loop_t* loop = LoopOf(env);
  return loop == nullptr ? -1 : uv_backend_fd(loop);
}

void HostClose(Ctx* ctx) {
  if (ctx->host != nullptr) Stop(ctx->host);
}

// hostStart(rounds): 0, or -EALREADY while running
napi_value HostStart(napi_env env, napi_callback_info info) {
  Args<1> in(env, info);
  Ctx* ctx = in.ctx;
  uv_loop_t* loop = LoopOf(env);
  if (ctx->host != nullptr) return in.result(-EALREADY);
  if (ctx->pollFd < 0 || loop == nullptr) return in.result(-EBADF);
  napi_valuetype type;
  if (napi_typeof(env, in.value(0), &type) != napi_ok || type != napi_function) return in.result(-EINVAL);
  int err = PollerAddHost(ctx);
  if (err < 0) return in.result(err);
  Host* host = new Host();
  host->env = env;
  host->ctx = ctx;
  host->loop = loop;
  host->prepare = static_cast<uv_prepare_t*>(std::malloc(uv_handle_size(UV_PREPARE)));
  host->idle = static_cast<uv_idle_t*>(std::malloc(uv_handle_size(UV_IDLE)));
  uv_prepare_init(loop, host->prepare);
  uv_idle_init(loop, host->idle);
  host->prepare->data = host;
  host->idle->data = host;
  host->open = 2;
  napi_create_reference(env, in.value(0), 1, &host->rounds);
  napi_add_async_cleanup_hook(env, OnEnvEnds, host, &host->hook);
  ctx->host = host;
  uv_prepare_start(host->prepare, OnPrepare);
  uv_idle_start(host->idle, OnIdle);
  return in.result(0);
}

// hostStop(): may be called from inside the rounds; the handles go with this turn of the host loop
napi_value HostStop(napi_env env, napi_callback_info info) {
  Args<0> in(env, info);
  HostClose(in.ctx);
  return in.result(0);
}

// hostTimeout(): milliseconds until libuv has something due, 0 now, -1 never. The idle handle is out while libuv is asked. 0 is
// also the answer while watchers wait to enter libuv's own set (only its io_poll puts them there): blocking would miss them.
napi_value HostTimeout(napi_env env, napi_callback_info info) {
  Args<0> in(env, info);
  Host* host = in.ctx->host;
  if (host == nullptr) return in.result(-1);
  uv_update_time(host->loop);
  uv_idle_stop(host->idle);
  int ms = uv_backend_timeout(host->loop);
  uv_idle_start(host->idle, OnIdle);
  return in.result(ms);
}

// now(): monotonic clock, milliseconds with a fraction
napi_value Now(napi_env env, napi_callback_info) {
  struct timespec ts;
  ::clock_gettime(CLOCK_MONOTONIC, &ts);
  napi_value out = nullptr;
  napi_create_double(env, static_cast<double>(ts.tv_sec) * 1e3 + static_cast<double>(ts.tv_nsec) / 1e6, &out);
  return out;
}

// pause(microseconds): sleeps, so that more input gathers before the next poll. At most a millisecond.
napi_value Pause(napi_env env, napi_callback_info info) {
  Args<1> in(env, info);
  int32_t us = in.i32(0);
  if (us <= 0 || us > 1000) return in.result(-EINVAL);
  struct timespec span = {0, static_cast<long>(us) * 1000};
  ::nanosleep(&span, nullptr);
  return in.result(0);
}

}  // namespace sluice
