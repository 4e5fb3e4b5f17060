import NunchiSystem
import NunchiTraining
import Synchronization

/// Ctrl-C and the wish of the system to end: the first asks the work to stop after its step, the second ends at once.
enum Interruption {
  /// Set by the first signal.
  static let stop = StopRequest()
  private static let received = Atomic<Int32>(0)

  /// The signal that came, if one did.
  static var signal: Int32? {
    let number = received.load(ordering: .relaxed)
    return number == 0 ? nil : number
  }

  static var status: ExitStatus { signal == SIGTERM ? .terminated : .interrupted }

  /// From now on signals stop gently.
  static func watch() {
    // Made before a handler needs it: nothing may be initialised inside one.
    _ = stop.isSet
    var set = sigset_t()
    sigemptyset(&set)
    for number in [SIGINT, SIGTERM] {
      sigaddset(&set, number)
      onSignal(number) { number in
        let earlier = Interruption.received.exchange(number, ordering: .relaxed)
        if earlier != 0 { _exit(128 + number) }
        Interruption.stop.set()
      }
    }
    // A parent that starts programs from a thread with blocked signals hands the blocks on.
    pthread_sigmask(SIG_UNBLOCK, &set, nil)
  }
}
