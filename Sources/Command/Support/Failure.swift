import NunchiArguments
import NunchiBenchmarks
import NunchiDatasets
import NunchiDocuments
import NunchiEvaluation
import NunchiGraph
import NunchiImages
import NunchiInference
import NunchiModelFiles
import NunchiModels
import NunchiSystem
import NunchiTraining

/// The exit statuses of the program.
enum ExitStatus: Int32 {
  case done = 0
  case internalFailure = 1
  case usage = 2
  case data = 3
  case model = 4
  case device = 5
  case gate = 6
  case diverged = 7
  case interrupted = 130
  case terminated = 143
}

extension ExitStatus {
  init(_ kind: Problem.Kind) {
    self =
      switch kind {
      case .request: .usage
      case .data: .data
      case .program: .internalFailure
      }
  }
}

/// A failed verb: a message for people, a document for programs, and an exit status.
struct Failure: Error {
  let status: ExitStatus
  /// A code for programs, such as `unknown_option`.
  let code: String
  let message: String
  let hint: String?
  /// The file or folder of the failure.
  let path: String?
  /// Whether its document has been written to standard output already.
  private(set) var isWritten = false

  init(_ status: ExitStatus, _ code: String, _ message: String, hint: String? = nil, path: String? = nil) {
    (self.status, self.code, self.message, self.hint, self.path) = (status, code, message, hint, path)
  }

  /// The failure of a result that could not be written to standard output.
  init(lost reason: String) {
    self.init(.internalFailure, "output", "standard output: cannot write the result: \(reason)")
  }

  /// The failure for an error of any room.
  init(_ error: any Error) {
    self.init(sorting: error)
    if error.isForbiddenWrite { self = Failure(.device, "permission", message, hint: hint, path: path) }
  }

  private init(sorting error: any Error) {
    switch error {
    case let failure as Failure: self = failure
    case let problem as Problem:
      self.init(.init(problem.kind), problem.code, problem.message, hint: problem.hint, path: problem.path)
    case let error as Disagreement:
      self.init(
        .internalFailure, "plan_check", "\(error.what) \(Text.scientific(error.error))",
        hint: "please report this with the output of nunchi doctor")
    case let error as ArgumentError:
      self.init(.usage, error.kind.rawValue, error.message, hint: error.hint)
    case let error as ModelPresetError: self.init(.usage, "model", error.message)
    case let error as TraceError: self.init(.model, "network", error.description)
    case let error as DatasetError:
      self.init(.data, "data", error.problem, hint: error.remedy, path: error.path)
    case let error as SplitRefusal:
      self.init(.data, "split", error.problem, hint: error.remedy, path: error.path)
    case let error as DownloadError:
      let status = error.reason == .stopped ? Interruption.status : .data
      self.init(status, "download", error.problem, hint: error.remedy, path: error.source)
    case let error as ImageError:
      self.init(.model, "image", error.problem, hint: error.remedy, path: error.source)
    case let error as ModelFileError:
      self.init(.model, "model_file", error.description, path: error.path)
    case let error as EvaluationSetupError: self.init(.data, "data", error.description)
    case let error as EvaluationError: self.init(error)
    case let error as TrainingError: self.init(error)
    case let error as FileError:
      self.init(.model, "file", error.description, path: error.path)
    default: self.init(.internalFailure, "internal", "\(error)")
    }
  }

  private init(_ error: EvaluationError) {
    let status: ExitStatus =
      switch error {
      case .notUnderstood, .folds: .usage
      case .unattainable: .gate
      case .notFinite: .model
      case .empty, .classOutOfRange, .countMismatch, .noContrast, .otherClasses, .otherImages: .data
      }
    self.init(status, "evaluation", error.description)
  }

  private init(_ error: TrainingError) {
    switch error {
    case .setting(let name, let expected, let found):
      self.init(.usage, "setting", "--\(name) expects \(expected), found \(found)")
    case .data(let path, _, _): self.init(.data, "data", error.description, path: path)
    case .memory(let shortage): self.init(.usage, "memory", shortage.problem, hint: shortage.remedy)
    case .start(let path, _, _): self.init(.model, "start", error.description, path: path)
    case .checkpoint(let path, _): self.init(.model, "checkpoint", error.description, path: path)
    case .dataChanged(let path): self.init(.data, "data", error.description, path: path)
    case .diverged(let divergence):
      self.init(.diverged, "diverged", divergence.problem, hint: divergence.remedy, path: divergence.run)
    case .fold(let fold, let inner):
      let cause = Failure(inner as any Error)
      let place = "fold \(fold.number) of \(fold.count): "
      self.init(cause.status, cause.code, place + cause.message, hint: cause.hint, path: cause.path)
    case .run(let path, _, _): self.init(.model, "run", error.description, path: path)
    case .file(let file): self.init(.model, "file", error.description, path: file.path)
    }
  }

  /// The message in a line, with the hint.
  func line(who: String) -> String { "\(who): \(message)" + (hint.map { "; \($0)" } ?? "") }

  /// The failure with a further hint.
  func hinting(_ more: String) -> Failure {
    Failure(status, code, message, hint: hint.map { $0 + "; " + more } ?? more, path: path)
  }

  /// The failure, marked as written with its result.
  var written: Failure {
    var copy = self
    copy.isWritten = true
    return copy
  }

  var error: JSON {
    ["code": JSON(code), "message": JSON(message), "hint": JSON(hint), "path": JSON(path)]
  }

  var document: JSON { ["schema_version": 1, "status": "error", "error": error] }
}

extension DatasetError {
  /// The sentence without its remedy.
  fileprivate var problem: String { "\(path): expected \(expected), found \(found)" }
}

extension ImageError {
  /// The sentence without its remedy.
  var problem: String { "\(source): expected \(expected), found \(found)" }
}

extension Error {
  /// Whether writing failed because the system forbids it: a permission is missing, or the medium is read-only. Then
  /// neither data nor models are at fault.
  fileprivate var isForbiddenWrite: Bool { unwritten?.isForbidden ?? false }

  /// Why writing failed; nil for other errors.
  private var unwritten: FileError.Reason? {
    switch self {
    case let error as FileError where error.action != "read": return error.reason
    case let error as TrainingError:
      if case .file(let file) = error, !file.action.hasPrefix("read") { return file.reason }
    case let error as ImageError:
      if case .unwritableFile(let reason) = error.reason { return reason }
    case let error as DatasetError:
      if case .unwritable(let reason) = error.reason { return reason }
    case let error as ModelFileError:
      if case .container(.notWritable(let reason)) = error.reason { return reason }
    default: break
    }
    return nil
  }
}
