import NunchiDatasets
import NunchiEvaluation
import NunchiImages
import NunchiModelFiles
import NunchiTraining

/// The images in the report of a run: mistakes, and augmented training images.
struct RunPictures {
  private let run: RunRecord
  private let dataset: Result<Dataset, RunRecord.MissingData>
  private static let mostMistakes = 24
  private static let augmented = 24

  init(_ run: RunRecord) {
    self.run = run
    dataset = run.dataset()
  }

  /// Why there are no images.
  private var missing: String {
    guard case .failure(let reason) = dataset else { return "" }
    return "<p class=\"note\">Without pictures: \(escaped(reason.description)).</p>"
  }

  // MARK: - Mistakes

  /// The most confident wrong answers with their images, or as a table where the images are missing.
  func mistakes(_ found: RunAnswers, _ split: Split) -> String {
    let answers = found.answers
    let worst = answers.worstMistakes(Self.mostMistakes)
    let wrong = answers.truths.indices.count { answers.truths[$0] != answers.predicted[$0] }
    guard wrong > 0 else { return "<p class=\"fine\">Every answer is right.</p>" }
    let note =
      "<p class=\"note\">\(Figure.grouped(wrong)) of \(Figure.grouped(answers.images)) answers are wrong"
      + (wrong > worst.count ? "; these \(worst.count) are the surest" : "") + ".</p>"
    guard let items = try? dataset.get().items(split) else { return note + missing + table(worst, found) }
    let places = Dictionary(items.map { ($0.identity, $0) }) { first, _ in first }
    let figures = worst.map { figure($0, found, places[found.identities[$0.image]]) }
    return note + "<div class=\"figures\">\(figures.joined())</div>"
  }

  private func figure(_ mistake: Mistake, _ found: RunAnswers, _ item: Dataset.Item?) -> String {
    let (names, path) = (found.answers.classNames, found.identities[mistake.image])
    let picture = item.flatMap { item in try? dataset.get().load(item) }
    let image = picture.map { Thumbnail.element($0, side: 144, caption: path) } ?? "<span class=\"gone\"></span>"
    return """
      <figure>\(image)<figcaption>is <b>\(escaped(names[mistake.truth]))</b><br>taken for \
      <b>\(escaped(names[mistake.predicted]))</b>, \(Figure.fixed(100 * Double(mistake.confidence), 1))\u{A0}%\
      <span class="path">\(escaped(path))</span></figcaption></figure>

      """
  }

  private func table(_ worst: [Mistake], _ found: RunAnswers) -> String {
    var table = PageTable(
      "the surest mistakes", header: ["picture", "answer", "truth", "probability"], textColumns: [0, 1, 2])
    let names = found.answers.classNames
    for mistake in worst {
      table.append([
        found.identities[mistake.image], names[mistake.predicted], names[mistake.truth],
        Figure.fixed(Double(mistake.confidence), 4),
      ])
    }
    return "<div class=\"card\">\(table.body)</div>"
  }

  // MARK: - Training images

  /// The first images of the first epoch, augmented and mixed as in the training, with their targets.
  var augmentedBatch: String {
    guard let dataset = try? dataset.get() else { return changes + missing }
    guard let model = try? ModelFile.read(run.modelPath) else {
      return changes + "<p class=\"note\">Without pictures: the model file cannot be read.</p>"
    }
    let figures = run.firstPictures(Self.augmented, of: dataset, model.preprocessing).map { picture in
      let answer = Self.answer(picture, dataset.classes)
      return "<figure>\(Thumbnail.element(picture.image, side: 128, caption: answer))"
        + "<figcaption>\(escaped(answer))</figcaption></figure>"
    }
    return changes + "<div class=\"card\"><div class=\"batch\">\(figures.joined())</div></div>"
  }

  /// The target as text: one class, or the shares of several.
  private static func answer(_ picture: SeenPicture, _ classes: [String]) -> String {
    guard picture.shares.count > 1 else { return classes[picture.shares[0].label] }
    return picture.shares.map { "\(Figure.percent(Double($0.share))) \(classes[$0.label])" }.joined(separator: ", ")
  }

  private var changes: String {
    let (settings, mixing) = (run.settings, run.settings.mixing)
    let drawn = settings.augmentation.isNone ? "none" : settings.augmentation.description
    var text =
      "The first pictures of the first epoch as the network saw them, with the changes drawn for them: \(drawn)."
    if mixing.mixing != .none {
      text +=
        " The pictures of a batch are mixed with each other (\(mixing.mixing.words)); below each stands what it is to "
      text += "be taken for."
      if mixing.plainEpochs > 0 {
        text += " The last \(mixing.plainEpochs == 1 ? "epoch goes" : "\(mixing.plainEpochs) epochs go") without."
      }
    }
    return "<p class=\"note\">\(escaped(text))</p>"
  }
}

extension Mixing {
  /// The name for people.
  fileprivate var words: String {
    switch self {
    case .none: "none"
    case .mixUp(let alpha): "mixup, alpha \(alpha)"
    case .cutMix(let alpha): "cutmix, alpha \(alpha)"
    case .mosaic: "mosaic"
    }
  }
}
