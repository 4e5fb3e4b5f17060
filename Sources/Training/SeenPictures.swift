import NunchiDatasets
import NunchiImages

/// An augmented and mixed training image.
package struct SeenPicture: Sendable {
  package let image: Image
  /// The target: the shares of its classes, the largest first. They sum to 1.
  package let shares: [(label: Int, share: Float)]
}

extension RunRecord {
  /// The first training images of the first epoch, at most one batch, augmented and mixed as in the training.
  ///
  /// Images are mixed with others of their batch, so the whole batch is read.
  ///
  /// - Parameters:
  ///   - dataset: the data set of the run, see `dataset()`.
  ///   - preprocessing: the preprocessing of the model.
  package func firstPictures(_ count: Int, of dataset: Dataset, _ preprocessing: Preprocessing) -> [SeenPicture] {
    let balancing = Balancing(
      settings.imbalance, counts: dataset.counts(.train), images: settings.batch * settings.accumulation)
    let loader = BatchLoader(
      dataset: dataset, split: .train, preprocessing: preprocessing, augmentation: settings.augmentation,
      batchSize: settings.batch, seed: settings.seed, threads: 0, sampling: balancing.sampling,
      cache: PixelCache(.none))
    let mixing = settings.mixing.mixing(epoch: 0, of: settings.epochs)
    var pictures: [SeenPicture] = []
    _ = try? loader.epoch(0) { batch in
      pictures = Array(seen(batch, mixing, preprocessing, classes: dataset.classes.count).prefix(count))
      throw Enough()
    }
    return pictures
  }

  /// Ends an epoch early.
  private struct Enough: Error {}

  private func seen(
    _ batch: borrowing Batch, _ mixing: Mixing, _ preprocessing: Preprocessing, classes: Int
  ) -> [SeenPicture] {
    let shape = PictureShape(
      width: preprocessing.width, height: preprocessing.height, channels: preprocessing.channels)
    let targets = mixing.apply(
      images: batch.pixels, labels: batch.labels, shape, classes: classes, seed: settings.seed, epoch: 0,
      batch: batch.number)
    let bytes = preprocessing.byteCount
    var pictures: [SeenPicture] = []
    for row in 0..<batch.count {
      let image = Image(
        width: shape.width, height: shape.height, channels: shape.channels,
        bytes: Array(batch.images[row * bytes..<(row + 1) * bytes]))
      let shares = (0..<classes).map { (label: $0, share: targets[row * classes + $0]) }.filter { $0.share > 0 }
      pictures.append(
        SeenPicture(image: image, shares: shares.sorted { ($0.share, $1.label) > ($1.share, $0.label) }))
    }
    return pictures
  }
}
