// The C library, under one name on every system: a file that needs it imports `NunchiSystem`.
#if canImport(Glibc)
@_exported import Glibc
#elseif canImport(Musl)
@_exported import Musl
#else
@_exported import Darwin
#endif
