import NunchiSystem
import NunchiTraining
import Synchronization

/// Handles SIGINT and SIGTERM: the first stops the work after its current step, the second ends the program at once.
enum Interruption {
  /// Set by the first signal.
  static let stop = StopRequest()
  private static let received = Atomic<Int32>(0)

  /// The signal that has come, if any.
  static var signal: Int32? {
    let number = received.load(ordering: .relaxed)
    return number == 0 ? nil : number
  }

  static var status: ExitStatus { signal == SIGTERM ? .terminated : .interrupted }

  /// Installs the handlers.
  static func watch() {
    // Initialised here, because a handler may not initialise anything.
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
    // Signals that the parent process had blocked are still blocked here.
    pthread_sigmask(SIG_UNBLOCK, &set, nil)
  }
}
