import NunchiDatasets
import NunchiEngine
import NunchiSystem

/// Reads every image of a data set once, with progress on standard error. A signal ends it.
struct ExaminationPass {
  let threads: Int
  /// Progress is shown from so many images on; fewer are read too quickly.
  private static let shownFrom = 200

  init(threads: Int?) { self.threads = threads ?? WorkerPool.cores }

  var isStopped: @Sendable () -> Bool { { Interruption.stop.isSet } }

  func run(_ subject: @autoclosure () throws -> CheckSubject) throws -> Examination {
    Interruption.watch()
    let subject = try subject()
    let line = ProgressLine()
    let started = monotonicSeconds()
    var shown = started
    let examination = Examination(subject, threads: threads, isStopped: isStopped) { done in
      let now = monotonicSeconds()
      guard subject.count >= Self.shownFrom, now - shown > 0.1 else { return }
      shown = now
      let left = (now - started) / Double(done) * Double(subject.count - done)
      line.show("reading \(Text.grouped(done)) of \(Text.grouped(subject.count)) pictures, \(Text.duration(left)) left")
    }
    line.clear()
    try refuseWhereStopped()
    return examination
  }

  /// Throws where a signal has come.
  func refuseWhereStopped() throws {
    guard isStopped() else { return }
    throw Failure(Interruption.status, "interrupted", "interrupted; nothing was written")
  }
}
