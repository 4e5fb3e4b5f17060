import NunchiReports

/// The page in the folder of a run that has ended.
struct WrittenReport {
  /// nil where there is none.
  let path: String?
  /// Why it could not be written.
  let problem: String?

  /// Writes the pages of `parts`, then that of `run`; a run that was not kept has none.
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
