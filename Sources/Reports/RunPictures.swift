import NunchiDatasets
import NunchiEvaluation
import NunchiImages
import NunchiModelFiles
import NunchiTraining

/// The pictures of a run's page: mistakes, and what training saw.
struct RunPictures {
  private let run: RunRecord
  private let dataset: Result<Dataset, RunRecord.MissingData>
  private static let mostMistakes = 24
  private static let augmented = 24

  init(_ run: RunRecord) {
    self.run = run
    dataset = run.dataset()
  }

  /// Why there are none.
  private var missing: String {
    guard case .failure(let reason) = dataset else { return "" }
    return "<p class=\"note\">Without pictures: \(escaped(reason.description)).</p>"
  }

  // MARK: - Mistakes

  /// The surest wrong answers with their pictures, or in a table where the pictures are gone.
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
      <figure>\(image)<figcaption><b>\(escaped(names[mistake.predicted]))</b> \
      \(Figure.fixed(100 * Double(mistake.confidence), 1)) %<br>is \(escaped(names[mistake.truth]))\
      <span class="path">\(escaped(path))</span></figcaption></figure>

      """
  }

  private func table(_ worst: [Mistake], _ found: RunAnswers) -> String {
    var table = PageTable(header: ["picture", "answer", "truth", "probability"], textColumns: [0, 1, 2])
    let names = found.answers.classNames
    for mistake in worst {
      table.append([
        found.identities[mistake.image], names[mistake.predicted], names[mistake.truth],
        Figure.fixed(Double(mistake.confidence), 4),
      ])
    }
    return "<div class=\"card\">\(table.body)</div>"
  }

  // MARK: - What training saw

  /// The first pictures of the first epoch, changed as they were then.
  var augmentedBatch: String {
    let about =
      "<p class=\"note\">The first pictures of the first epoch as the network saw them, with the changes drawn for them: "
      + "\(escaped(run.settings.augmentation.isNone ? "none" : run.settings.augmentation.description)).</p>"
    guard let dataset = try? dataset.get() else { return about + missing }
    guard let model = try? ModelFile.read(run.modelPath) else {
      return about + "<p class=\"note\">Without pictures: the model file cannot be read.</p>"
    }
    let images = batch(dataset, model.preprocessing).map { image, label in
      Thumbnail.element(image, side: 128, caption: dataset.classes[label])
    }
    return about + "<div class=\"card\"><div class=\"thumbs batch\">\(images.joined())</div></div>"
  }

  /// Ends an epoch that is not wanted to its end.
  private struct Enough: Error {}

  private func batch(_ dataset: Dataset, _ preprocessing: Preprocessing) -> [(Image, Int)] {
    let loader = BatchLoader(
      dataset: dataset, split: .train, preprocessing: preprocessing, augmentation: run.settings.augmentation,
      batchSize: Self.augmented, seed: run.settings.seed, threads: 0, sampling: .shuffled, cache: PixelCache(.none))
    var images: [(Image, Int)] = []
    _ = try? loader.epoch(0) { batch in
      for row in 0..<batch.count {
        let bytes = batch.images[row * preprocessing.byteCount..<(row + 1) * preprocessing.byteCount]
        let image = Image(
          width: preprocessing.width, height: preprocessing.height, channels: preprocessing.channels,
          bytes: Array(bytes))
        images.append((image, Int(batch.labels[row])))
      }
      throw Enough()
    }
    return images
  }
}
