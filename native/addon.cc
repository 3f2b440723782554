// The addon's table of contents. `open(arenaBytes)` makes a context and returns its calls, bound to it; the rest is for the whole
// environment. Loading it in several threads is fine: all state hangs on the environment.
#include <napi.h>
#include <signal.h>

#include <memory>
#include <vector>

#include "calls.h"
#include "constants.h"
#include "ctx.h"
#include "process.h"
#include "uring.h"

namespace sluice {

namespace {

struct Call {
  const char* name;
  napi_callback fn;
};

// Each call takes integers and returns an integer, >= 0 or -errno; types in src/sys/native.ts.
const Call kCalls[] = {
    {"now", Now},                          // clock
    {"pause", Pause},
    {"socket", Socket},                    // sockets
    {"bind", Bind},
    {"listen", Listen},
    {"accept", Accept},                    // hot
    {"connect", Connect},                  // hot
    {"recv", Recv},                        // hot
    {"send", Send},                        // hot
    {"shutdown", Shutdown},
    {"close", Close},                      // hot
    {"setsockopt", Setsockopt},
    {"setsockoptBytes", SetsockoptBytes},
    {"getsockopt", Getsockopt},
    {"getsockoptBytes", GetsockoptBytes},
    {"sockError", SockError},
    {"getsockname", Getsockname},
    {"getpeername", Getpeername},
    {"sendto", Sendto},
    {"adopt", Adopt},
    {"disown", Disown},
    {"pipe", Pipe},                        // splice
    {"splice", Splice},                    // hot
    {"pollAdd", PollAdd},                  // readiness, hot
    {"pollDel", PollDel},
    {"poll", Poll},                        // hot
    {"discard", Discard},                  // memory
    {"wakeFd", WakeFd},                    // threads
    {"wake", Wake},
    {"hostStart", HostStart},              // life inside libuv
    {"hostStop", HostStop},
    {"hostTimeout", HostTimeout},
};

// The environment's data: its contexts. Destroyed when the environment ends.
struct EnvData {
  std::vector<std::unique_ptr<Ctx>> contexts;
  ~EnvData() {
    for (auto& ctx : contexts) CtxClose(ctx.get(), true);
  }
};

napi_value Words(Napi::Env env, int count, int32_t** at, napi_ref* ref) {
  void* data = nullptr;
  napi_value buffer = nullptr;
  napi_create_arraybuffer(env, static_cast<size_t>(count) * sizeof(int32_t), &data, &buffer);
  napi_create_reference(env, buffer, 1, ref);
  *at = static_cast<int32_t*>(data);
  return buffer;
}

// destroy(): everything of the context goes; calls made later find no arena, no poll set, no descriptors
napi_value Destroy(napi_env, napi_callback_info);

// open(arenaBytes): the context's calls, with `arena`, `events` and `ret` as ArrayBuffers and `hostFd`; or -errno
Napi::Value Open(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  double bytes = info[0].IsNumber() ? info[0].As<Napi::Number>().DoubleValue() : 0;
  if (!(bytes >= 65536 && bytes <= 2147483648.0)) return Napi::Number::New(env, -EINVAL);
  auto ctx = std::make_unique<Ctx>();
  ctx->env = env;
  napi_value arena = nullptr;
  int err = PollerOpen(ctx.get());
  if (err == 0) err = ArenaOpen(ctx.get(), static_cast<uint64_t>(bytes), &arena);
  if (err != 0) {
    CtxClose(ctx.get(), false);
    return Napi::Number::New(env, err);
  }
  ctx->hostFd = HostFdOf(env);
  Napi::Object out = Napi::Object::New(env);
  out.Set("arena", Napi::Value(env, arena));
  out.Set("events", Napi::Value(env, Words(env, kEventsMax * kEventStride, &ctx->events, &ctx->eventsRef)));
  out.Set("ret", Napi::Value(env, Words(env, kRetWords, &ctx->ret, &ctx->retRef)));
  out.Set("hostFd", Napi::Number::New(env, ctx->hostFd));
  auto add = [&](const char* name, napi_callback fn) {
    napi_value value = nullptr;
    napi_create_function(env, name, NAPI_AUTO_LENGTH, fn, ctx.get(), &value);
    out.Set(name, Napi::Value(env, value));
  };
  for (const Call& call : kCalls) add(call.name, call.fn);
  add("destroy", Destroy);
  env.GetInstanceData<EnvData>()->contexts.push_back(std::move(ctx));
  return out;
}

napi_value Destroy(napi_env env, napi_callback_info info) {
  void* data = nullptr;
  napi_get_cb_info(env, info, nullptr, nullptr, nullptr, &data);
  CtxClose(static_cast<Ctx*>(data), false);
  return nullptr;
}

// A splice or write to a connection that is gone raises SIGPIPE, which ends a process that does not expect it. Node ignores it
// from its start; an embedder may have put the default back.
void IgnoreSigpipe() {
  struct sigaction now;
  if (::sigaction(SIGPIPE, nullptr, &now) != 0 || now.sa_handler != SIG_DFL) return;
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  ::sigaction(SIGPIPE, &ignore, nullptr);
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  IgnoreSigpipe();
  env.SetInstanceData(new EnvData());
  exports.Set("open", Napi::Function::New(env, Open, "open"));
  exports.Set("constants", Constants(env));
  UringExports(env, exports);
  ProcessExports(env, exports);
  return exports;
}

}  // namespace

void CtxClose(Ctx* ctx, bool envEnds) {
  HostClose(ctx);
  PollerClose(ctx);
  ctx->fds.closeAll();
  if (envEnds) return;  // references and ArrayBuffers go with the environment
  ArenaClose(ctx);
}

NODE_API_MODULE(sluice, Init)

}  // namespace sluice
