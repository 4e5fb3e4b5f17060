import NunchiImages

extension FuzzTarget {
  /// An augmentation that is written and read again is the same, and can be drawn.
  static let augmentation = FuzzTarget(
    name: "augmentation",
    seeds: {
      let texts =
        Transforms.all.compactMap { Transforms.named($0.name) }
        .map { $0.settings.isEmpty ? "\($0.name)(0.5)" : "\($0.name)(\($0.settings[0].name): 1)" }
        + Augmentation.presets.flatMap { [$0.name, $0.augmentation.text] } + [
          "fill: 12, sequence(rotate(15), one-of(2 * grayscale, invert)), some-of(1..2, blur, noise, flip-vertical)",
          "fill: edge, sometimes(0.25, crop, scale(1))",
        ]
      return texts.map { Array($0.utf8) }
    },
    body: { bytes in
      let text = String(decoding: bytes, as: UTF8.self)
      do throws(AugmentationError) {
        let augmentation = try Augmentation(parsing: text)
        require(
          (try? Augmentation(parsing: augmentation.text)) == augmentation,
          "another one after writing: \(augmentation.text)")
        require((try? Augmentation(parsing: augmentation.description)) == augmentation, "another one by its name")
        _ = augmentation.draw(PictureShape(width: 5, height: 4, channels: 3), seed: 1, identity: "a", epoch: 0)
      } catch {
        require(error.position <= text.count && !"\(error)".isEmpty, "an error without a place")
      }
    })
}
