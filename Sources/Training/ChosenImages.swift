import NunchiDatasets
import NunchiDocuments
import NunchiInference
import NunchiModelFiles

/// One split of a data set, or all of it.
package enum SplitChoice: String, Sendable, CaseIterable {
  case train, validation, test, all
}

/// The images that a model is evaluated on.
package struct ChosenImages {
  package let dataset: Dataset
  package let split: Split
  /// The name of the part: `test` or `all`.
  package let name: String
  /// What the user should know about the choice; nil for nothing.
  package let note: String?

  /// - Parameter model: the model to evaluate. A folder that it was trained on is divided as it was then, so that its
  ///   training images are not what it is evaluated on.
  package init(path: String, choice: SplitChoice?, model: LoadedModel) throws {
    // Of a folder without splits, all images are in the split `train`.
    let whole = try Dataset.open(path: path, fractions: SplitFractions(validation: 0, test: 0))
    let isDivided = !whole.items(.validation).isEmpty || !whole.items(.test).isEmpty
    if isDivided {
      (dataset, note) = (whole, nil)
      split = try Self.split(of: whole, choice, path)
      name = split.rawValue
    } else if choice != .all, let known = try Self.asTrained(path, model), !known.items(.test).isEmpty {
      (dataset, split) = (known, choice.flatMap { Split(rawValue: $0.rawValue) } ?? .test)
      name = split.rawValue
      note = "the model was trained on this folder, divided the same way: these are its \(split.adjective) pictures"
    } else {
      if let choice, choice != .all {
        throw Problem(
          .data, "split", "\(path): expected folders for the splits, found none",
          hint: "leave --split away to measure all pictures", path: path)
      }
      (dataset, split, name) = (whole, .train, "all")
      note = "pictures that the model has learned from flatter it"
    }
  }

  private static func split(of dataset: Dataset, _ choice: SplitChoice?, _ path: String) throws -> Split {
    switch choice {
    case .train: return .train
    case .validation: return .validation
    case .test: return .test
    case nil:
      if !dataset.items(.test).isEmpty { return .test }
      throw Problem(
        .data, "split", "\(path): expected pictures for testing, found none", hint: "give --split validation or train",
        path: path)
    case .all:
      throw Problem(
        .request, "split", "--split all expects a folder that is not divided, found one with splits: \(path)",
        hint: "give --split train, validation or test", path: path)
    }
  }

  /// The data set divided as in the model's training; nil where it is another data set.
  private static func asTrained(_ path: String, _ model: LoadedModel) throws -> Dataset? {
    guard let origin = ModelOrigin(of: model) else { return nil }
    let settings = origin.settings(data: path)
    // A folder that cannot be divided into so many folds is another data set.
    let opened = settings.fold == nil ? try settings.dataset(at: path) : try? settings.dataset(at: path)
    guard let dataset = opened else { return nil }
    return dataset.fingerprint == origin.fingerprint ? dataset : nil
  }

  /// The data set whose validation split decisions are fitted on: the division of the model's training where this is
  /// its folder.
  package static func heldBack(path: String, model: LoadedModel) throws -> Dataset {
    if let known = try asTrained(path, model), !known.items(.validation).isEmpty { return known }
    let whole = try Dataset.open(path: path, fractions: SplitFractions(validation: 0, test: 0))
    if !whole.items(.validation).isEmpty { return whole }
    throw Problem(
      .data, "validation", "\(path): expected validation pictures to choose with, found none",
      hint: "give a folder with a validation part, or the one that the model was trained on", path: path)
  }

  /// The paths of the chosen images that the model was trained on; `nil` where neither its file nor the folder tells.
  package func seen(by model: LoadedModel) throws -> [String]? {
    if let contents = TrainingContents(provenance: model.provenance) { return contents.known(dataset, split) }
    guard let known = try Self.asTrained(dataset.path, model) else { return nil }
    return TrainingContents(known).known(dataset, split)
  }
}
