// Arguments of a hot call: integers in, one integer out. Never throws, never allocates. A value that is not a number reads as
// -1, which no call takes for a descriptor, an offset or a length.
#ifndef SLUICE_ARGS_H_
#define SLUICE_ARGS_H_

#include "ctx.h"

namespace sluice {

template <size_t N>
class Args {
 public:
  Args(napi_env env, napi_callback_info info) : env_(env) {
    size_t count = N;
    void* data = nullptr;
    napi_get_cb_info(env, info, &count, values_, nullptr, &data);
    ctx = static_cast<Ctx*>(data);
  }
  int32_t i32(size_t i) const {
    int32_t v;
    return napi_get_value_int32(env_, values_[i], &v) == napi_ok ? v : -1;
  }
  bool isNumber(size_t i) const {
    int32_t v;
    return napi_get_value_int32(env_, values_[i], &v) == napi_ok;
  }
  napi_value value(size_t i) const { return values_[i]; }
  napi_value result(int64_t v) const {
    napi_value out = nullptr;
    napi_create_int32(env_, static_cast<int32_t>(v), &out);
    return out;
  }
  // -errno when a system call said -1, its value otherwise.
  napi_value sysResult(int64_t v) const { return result(v < 0 ? -errno : v); }

  Ctx* ctx;

 private:
  napi_env env_;
  napi_value values_[N];
};

template <>
class Args<0> {
 public:
  Args(napi_env env, napi_callback_info info) : env_(env) {
    void* data = nullptr;
    napi_get_cb_info(env, info, nullptr, nullptr, nullptr, &data);
    ctx = static_cast<Ctx*>(data);
  }
  napi_value result(int64_t v) const {
    napi_value out = nullptr;
    napi_create_int32(env_, static_cast<int32_t>(v), &out);
    return out;
  }
  Ctx* ctx;

 private:
  napi_env env_;
};

}  // namespace sluice

#endif  // SLUICE_ARGS_H_
