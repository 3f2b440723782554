# The addon's target, for the clone (../binding.gyp) and for the published package (binding.gyp beside this file).
#   sluice_werror=1   warnings are errors
#   sluice_san=1      AddressSanitizer and UndefinedBehaviorSanitizer
{
  "variables": { "sluice_werror%": 0, "sluice_san%": 0 },
  "targets": [
    {
      "target_name": "sluice",
      "conditions": [
        ["OS=='linux' or OS=='mac' or OS=='freebsd' or OS=='openbsd' or OS=='netbsd' or OS=='dragonflybsd'", {
          "sources": [
            "addon.cc",
            "arena.cc",
            "constants.cc",
            "epoll.cc",
            "fds.cc",
            "kqueue.cc",
            "loop.cc",
            "process.cc",
            "sock.cc",
            "sock_io.cc",
            "splice.cc",
            "uring.cc",
            "wake.cc"
          ],
          "include_dirs": ["<!(node -p \"require('path').dirname(require.resolve('node-addon-api'))\")"],
          "defines": ["NAPI_VERSION=8", "NAPI_DISABLE_CPP_EXCEPTIONS", "NODE_ADDON_API_DISABLE_DEPRECATED"],
          "cflags": ["-fvisibility=hidden", "-Wall", "-Wextra"],
          "cflags_cc!": ["-std=gnu++14", "-std=gnu++17", "-std=gnu++20"],
          "cflags_cc": ["-std=c++17", "-fvisibility=hidden", "-fno-exceptions", "-fno-rtti"],
          # node-addon-api's own headers are not ours to warn about
          "cflags!": ["-Wno-unused-parameter"],
          "xcode_settings": {
            "CLANG_CXX_LANGUAGE_STANDARD": "c++17",
            "GCC_SYMBOLS_PRIVATE_EXTERN": "YES",
            "GCC_ENABLE_CPP_EXCEPTIONS": "NO",
            "MACOSX_DEPLOYMENT_TARGET": "11.0",
            "WARNING_CFLAGS": ["-Wall", "-Wextra"]
          },
          "conditions": [
            ["sluice_werror==1", {
              "cflags": ["-Werror"],
              "xcode_settings": { "GCC_TREAT_WARNINGS_AS_ERRORS": "YES" }
            }],
            ["sluice_san==1", {
              "cflags": ["-fsanitize=address,undefined", "-fno-sanitize-recover=undefined", "-fno-omit-frame-pointer", "-g"],
              "ldflags": ["-fsanitize=address,undefined"],
              "xcode_settings": {
                "OTHER_CFLAGS": ["-fsanitize=address,undefined", "-fno-sanitize-recover=undefined"],
                "OTHER_LDFLAGS": ["-fsanitize=address,undefined"]
              }
            }]
          ]
        }, {
          "type": "none"
        }]
      ]
    }
  ]
}
