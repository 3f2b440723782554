#ifndef SLUICE_CONSTANTS_H_
#define SLUICE_CONSTANTS_H_

#include <napi.h>

namespace sluice {

// Names and values of the platform's headers; what the platform lacks is left out.
Napi::Object Constants(Napi::Env env);

}  // namespace sluice

#endif  // SLUICE_CONSTANTS_H_
