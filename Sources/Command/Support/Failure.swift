import NunchiArguments
import NunchiDocuments
import NunchiGraph
import NunchiModels

/// How the program ends.
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

/// Why a verb could not do what it was asked: a line for a person, a document for a program, an exit status.
struct Failure: Error {
  let status: ExitStatus
  /// A word for programs, such as `unknown_option`.
  let code: String
  let message: String
  let hint: String?
  /// The file or folder that the failure is about.
  let path: String?

  init(_ status: ExitStatus, _ code: String, _ message: String, hint: String? = nil, path: String? = nil) {
    (self.status, self.code, self.message, self.hint, self.path) = (status, code, message, hint, path)
  }

  /// What an error of the rooms means for the caller.
  init(_ error: any Error) {
    switch error {
    case let failure as Failure: self = failure
    case let error as ArgumentError:
      self.init(.usage, error.kind.rawValue, error.message, hint: error.hint)
    case let error as ModelPresetError: self.init(.usage, "model", error.message)
    case let error as TraceError: self.init(.model, "network", error.description)
    case let error as FileError:
      self.init(.model, "file", error.description, path: error.path)
    default: self.init(.internalFailure, "internal", "\(error)")
    }
  }

  /// One line; what is more in the message follows indented.
  func line(who: String) -> String { "\(who): \(message)" + (hint.map { "; \($0)" } ?? "") }

  var document: JSON {
    [
      "schema_version": 1, "status": "error",
      "error": ["code": JSON(code), "message": JSON(message), "hint": JSON(hint), "path": JSON(path)],
    ]
  }
}
