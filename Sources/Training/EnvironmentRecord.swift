import NunchiDocuments

/// `env.json` read back: the machine and the program that trained a run.
package struct EnvironmentRecord: Sendable {
  /// The version of nunchi.
  package let version: String?
  package let modelFileVersion: Int?
  package let system: String?
  package let processor: String?
  package let cores: Int?
  package let threads: Int?
  /// The instruction set of the kernels.
  package let kernels: String?
  /// Whether plans could choose Winograd's algorithm.
  package let winograd: Bool?
  /// When the training began, in UTC as ISO 8601.
  package let started: String?
  /// The working directory, which relative paths start from.
  package let folder: String?

  init(reading document: JSON) {
    version = document["version"]?.stringValue
    modelFileVersion = document["model_file_version"]?.intValue
    system = document["system"]?.stringValue
    processor = document["processor"]?.stringValue
    cores = document["cores"]?.intValue
    threads = document["threads"]?.intValue
    kernels = document["kernels"]?.stringValue
    winograd = document["winograd"]?.boolValue
    started = document["started"]?.stringValue
    folder = document["folder"]?.stringValue
  }
}
