import NunchiDocuments

/// `env.json` read back: where and with what a run was trained.
package struct EnvironmentRecord: Sendable {
  /// Of nunchi.
  package let version: String?
  package let modelFileVersion: Int?
  package let system: String?
  package let processor: String?
  package let cores: Int?
  package let threads: Int?
  /// The instruction set of the kernels.
  package let kernels: String?
  /// Whether convolutions could go through Winograd's algorithm.
  package let winograd: Bool?
  /// The time in UTC, as ISO 8601.
  package let started: String?
  /// What relative paths are relative to.
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
