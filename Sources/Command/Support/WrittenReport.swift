import NunchiReports

/// The report in the folder of a run that has ended.
struct WrittenReport {
  /// The path of the report; nil where there is none.
  let path: String?
  /// Why it could not be written.
  let problem: String?

  /// Writes the reports of `parts`, then that of `run`. A run without a folder has none.
  init(of run: String?, parts: (String) throws -> [String] = { _ in [] }) {
    guard let run else {
      (path, problem) = (nil, nil)
      return
    }
    do {
      for part in try parts(run) { try RunPage.write(part, version: Program.version) }
      (path, problem) = (try RunPage.write(run, version: Program.version), nil)
    } catch {
      (path, problem) = (nil, "the report could not be written: \(error)")
    }
  }
}
