/// Background threads. Each runs a closure once.
package struct Threads {
  private var handles: [pthread_t] = []

  package var count: Int { handles.count }

  /// Starts up to `count` threads, or fewer where the system refuses more.
  package init(_ count: Int, _ body: @escaping @Sendable (_ thread: Int) -> Void) {
    for index in 0..<max(count, 0) {
      let task = Unmanaged.passRetained(Task { body(index) })
      #if canImport(Darwin)
      var handle: pthread_t?
      #else
      var handle = pthread_t()
      #endif
      let answer = pthread_create(
        &handle, nil,
        { argument in
          #if canImport(Darwin)
          Unmanaged<Task>.fromOpaque(argument).takeRetainedValue().body()
          #else
          Unmanaged<Task>.fromOpaque(argument!).takeRetainedValue().body()
          #endif
          return nil
        }, task.toOpaque())
      guard answer == 0 else {
        task.release()
        return
      }
      #if canImport(Darwin)
      handles.append(handle!)
      #else
      handles.append(handle)
      #endif
    }
  }

  /// Waits until all threads have ended.
  package func join() {
    for handle in handles { pthread_join(handle, nil) }
  }

  private final class Task {
    let body: () -> Void
    init(_ body: @escaping () -> Void) { self.body = body }
  }
}

/// A lock with one condition variable, at a fixed address.
package final class ConditionLock: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  package init() {
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(condition, nil)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  package func lock() { pthread_mutex_lock(mutex) }
  package func unlock() { pthread_mutex_unlock(mutex) }
  /// Releases the lock, waits until another thread calls `wakeAll`, and takes it again. May return without a reason.
  package func wait() { pthread_cond_wait(condition, mutex) }
  package func wakeAll() { pthread_cond_broadcast(condition) }

  package func locked<Result>(_ body: () throws -> Result) rethrows -> Result {
    lock()
    defer { unlock() }
    return try body()
  }
}
