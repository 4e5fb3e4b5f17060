// NunchiKit, and the engine under it: graphs compiled into plans, the memory that they run in, and the threads.

@_exported import NunchiEngine
@_exported import NunchiKit
