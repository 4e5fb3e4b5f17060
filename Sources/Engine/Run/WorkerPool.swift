import NunchiKernels
import NunchiSystem
import NunchiTensors
import Synchronization

/// Threads that run the steps of a plan together with the caller.
///
/// A run is one parallel region. Every step of it is divided into tasks, whose number the problem fixes; workers claim
/// tasks from a counter, and continue with the next step when all tasks of this one are done. So the result does not
/// depend on which worker ran a task, and a worker that the system delays holds up only the task that it claimed. Between
/// regions workers spin some 20 microseconds and then park; with more workers than cores they do not spin.
public final class WorkerPool: @unchecked Sendable {
  /// Threads that work, the caller included.
  public let threads: Int
  private let spins: Int
  private let shared: UnsafeMutablePointer<Shared>
  private let workers: Threads
  private let runLock: UnsafeMutablePointer<pthread_mutex_t>

  /// State behind a pointer, so that workers hold no reference to the pool.
  private struct Shared: ~Copyable {
    let generation = Atomic<Int>(0)
    let left = Atomic<Int>(0)
    let parked = Atomic<Int>(0)
    var region = Region()
    var stopping = false
    var mutex = pthread_mutex_t()
    var wake = pthread_cond_t()
    var spins = 0
  }

  private struct Region {
    var steps: UnsafePointer<Step>?
    var count = 0
    var counters: UnsafeMutablePointer<StepCounter>?
    var context: UnsafePointer<RunContext>?
  }

  /// The number of cores that this process may use.
  public static let cores = Int(nk_usable_cores())

  /// The default pool: a thread per core.
  public static let shared = WorkerPool(threads: cores)

  /// So many threads, the caller included.
  public init(threads: Int) {
    self.threads = max(1, threads)
    spins = self.threads > Self.cores ? 0 : 4000
    shared = .allocate(capacity: 1)
    shared.initialize(to: Shared())
    shared.pointee.spins = spins
    pthread_mutex_init(&shared.pointee.mutex, nil)
    pthread_cond_init(&shared.pointee.wake, nil)
    runLock = .allocate(capacity: 1)
    runLock.initialize(to: pthread_mutex_t())
    pthread_mutex_init(runLock, nil)
    nonisolated(unsafe) let state = shared
    workers = Threads(self.threads - 1) { WorkerPool.main(state, worker: $0 + 1) }
    precondition(workers.count == self.threads - 1, "a worker thread could not be started")
  }

  deinit {
    pthread_mutex_lock(&shared.pointee.mutex)
    shared.pointee.stopping = true
    shared.pointee.generation.add(1, ordering: .sequentiallyConsistent)
    pthread_cond_broadcast(&shared.pointee.wake)
    pthread_mutex_unlock(&shared.pointee.mutex)
    workers.join()
    pthread_mutex_destroy(&shared.pointee.mutex)
    pthread_cond_destroy(&shared.pointee.wake)
    shared.deinitialize(count: 1)
    shared.deallocate()
    pthread_mutex_destroy(runLock)
    runLock.deinitialize(count: 1)
    runLock.deallocate()
  }

  /// Runs `count` steps in order. Calls from several threads take turns.
  func run(
    _ steps: UnsafePointer<Step>, count: Int, counters: UnsafeMutablePointer<StepCounter>,
    context: UnsafePointer<RunContext>
  ) {
    guard count > 0 else { return }
    pthread_mutex_lock(runLock)
    defer { pthread_mutex_unlock(runLock) }
    let floatingPoint = nk_flush_denormals()
    defer { nk_restore_denormals(floatingPoint) }
    let region = Region(steps: steps, count: count, counters: counters, context: context)
    if threads == 1 {
      for index in 0..<count {
        for task in 0..<steps[index].tasks { steps[index].run(task, worker: 0, context) }
      }
      return
    }
    for index in 0..<count { counters[index].reset() }
    shared.pointee.region = region
    shared.pointee.left.store(threads - 1, ordering: .relaxed)
    shared.pointee.generation.add(1, ordering: .sequentiallyConsistent)
    if shared.pointee.parked.load(ordering: .sequentiallyConsistent) > 0 {
      pthread_mutex_lock(&shared.pointee.mutex)
      pthread_cond_broadcast(&shared.pointee.wake)
      pthread_mutex_unlock(&shared.pointee.mutex)
    }
    Self.work(region, worker: 0, spins: spins)
    Self.wait(spins) { shared.pointee.left.load(ordering: .acquiring) == 0 }
  }

  private static func work(_ region: Region, worker: Int, spins: Int) {
    let (steps, counters, context) = (region.steps!, region.counters!, region.context!)
    for index in 0..<region.count {
      let tasks = steps[index].tasks
      var finished = 0
      while true {
        let task = counters[index].claimed.add(1, ordering: .relaxed).oldValue
        guard task < tasks else { break }
        steps[index].run(task, worker: worker, context)
        finished += 1
      }
      if finished > 0 { counters[index].done.add(finished, ordering: .releasing) }
      wait(spins) { counters[index].done.load(ordering: .acquiring) == tasks }
    }
  }

  /// Spins, then yields the processor, until `condition` holds.
  @inline(__always)
  private static func wait(_ spins: Int, until condition: () -> Bool) {
    var tries = 0
    while !condition() {
      tries += 1
      if tries > spins { sched_yield() } else { nk_pause() }
    }
  }

  private nonisolated static func main(_ shared: UnsafeMutablePointer<Shared>, worker: Int) {
    _ = nk_flush_denormals()
    var seen = 0
    while true {
      park(shared, until: seen)
      seen += 1
      if shared.pointee.stopping { return }
      work(shared.pointee.region, worker: worker, spins: shared.pointee.spins)
      shared.pointee.left.subtract(1, ordering: .releasing)
    }
  }

  /// Waits until the generation is past `seen`: by spinning for a while, then asleep.
  private static func park(_ shared: UnsafeMutablePointer<Shared>, until seen: Int) {
    for _ in 0..<shared.pointee.spins {
      if shared.pointee.generation.load(ordering: .acquiring) != seen { return }
      nk_pause()
    }
    pthread_mutex_lock(&shared.pointee.mutex)
    shared.pointee.parked.add(1, ordering: .sequentiallyConsistent)
    while shared.pointee.generation.load(ordering: .sequentiallyConsistent) == seen {
      pthread_cond_wait(&shared.pointee.wake, &shared.pointee.mutex)
    }
    shared.pointee.parked.subtract(1, ordering: .sequentiallyConsistent)
    pthread_mutex_unlock(&shared.pointee.mutex)
  }
}

/// How many tasks of a step were claimed and done in the current region.
struct StepCounter: ~Copyable {
  let claimed = Atomic<Int>(0)
  let done = Atomic<Int>(0)

  func reset() {
    claimed.store(0, ordering: .relaxed)
    done.store(0, ordering: .relaxed)
  }
}
