import NunchiDocuments
import NunchiImages
import NunchiSystem

/// The inputs of a prediction: files, all files of folders, standard input.
package struct PredictionInputs: Sendable {
  private enum Source: Sendable {
    case file
    /// The bytes of an image on standard input.
    case bytes([UInt8])
    /// A path that cannot be opened, with the reason.
    case failed(String)
  }

  private var inputs: [(name: String, source: Source)] = []

  package var count: Int { inputs.count }

  package init(_ arguments: [String]) throws {
    for argument in arguments { if argument == "-" { try addStandardInput() } else { add(argument) } }
    guard !inputs.isEmpty else {
      throw Problem(.data, "no_inputs", "expected pictures, found none in \(arguments.joined(separator: ", "))")
    }
  }

  /// The bytes of an input, or why it cannot be read.
  package enum Contents: Sendable {
    case bytes([UInt8])
    case unreadable(String)
  }

  /// Reads one input.
  package func contents(_ index: Int) -> Contents {
    let input = inputs[index]
    switch input.source {
    case .bytes(let bytes): return .bytes(bytes)
    case .failed(let reason): return .unreadable(reason)
    case .file:
      do throws(ImageError) {
        return .bytes(try FileBytes.read(input.name))
      } catch {
        return .unreadable("expected \(error.expected), found \(error.found)")
      }
    }
  }

  /// The answers to some inputs, in order.
  ///
  /// - Parameter first: the contents of the first input, which was read before.
  package func answers(_ range: Range<Int>, _ classifier: Classifier, first: Contents) -> [PredictionRow] {
    let preprocessing = classifier.model.preprocessing
    var images: [Image] = []
    var rows = range.map { PredictionRow(path: inputs[$0].name) }
    var readable: [Int] = []
    for (row, index) in range.enumerated() {
      let start = monotonicSeconds()
      defer { rows[row].milliseconds = (monotonicSeconds() - start) * 1000 }
      switch index == 0 ? first : contents(index) {
      case .bytes(let bytes):
        do throws(ImageError) {
          // Reduced to the model's input size at once, so that a batch of photographs is never in memory at full size.
          images.append(preprocessing.apply(to: try ImageDecoder().decode(bytes, for: preprocessing)))
          readable.append(row)
        } catch {
          rows[row].error = "expected \(error.expected), found \(error.found)"
        }
      case .unreadable(let reason): rows[row].error = reason
      }
    }
    let start = monotonicSeconds()
    let answers = classifier.probabilities(of: images)
    let share = (monotonicSeconds() - start) * 1000 / Double(max(images.count, 1))
    for (row, probabilities) in zip(readable, answers) {
      rows[row].answer = Prediction(
        classes: classifier.classes, probabilities: probabilities, answer: classifier.answer(probabilities))
      rows[row].milliseconds += share
    }
    return rows
  }

  // MARK: Finding

  private mutating func add(_ path: String) {
    do {
      if try FileStatus(path).kind == .folder { try addFolder(path) } else { inputs.append((path, .file)) }
    } catch {
      inputs.append((path, .failed(error.reason.description)))
    }
  }

  /// Adds all files below a folder in the order of their names, without hidden ones.
  private mutating func addFolder(_ path: String) throws(FileError) {
    let prefix = path.hasSuffix("/") ? path : path + "/"
    for name in try Folder.names(in: path) where !Folder.isHidden(name.text) { add(prefix + name.text) }
  }

  private mutating func addStandardInput() throws(ImageError) {
    let bytes = try FileBytes.standardInput()
    if ImageFormat.detect(bytes) != nil || bytes.contains(0) {
      inputs.append(("-", .bytes(bytes)))
      return
    }
    for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline) { add(String(line)) }
  }
}
