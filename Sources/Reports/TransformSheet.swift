import NunchiImages
import NunchiSystem
import NunchiTensors

/// Sheets that show what transforms and augmentations do to an image.
package enum TransformSheet {
  /// A row for each transform, with five strengths over its range. All strengths of a row use the same random numbers.
  package static func rows(_ transforms: [AnyTransform], _ image: Image, seed: UInt64) -> [PictureSheet.Section] {
    let kinds: [(amounts: Amounts, heading: String, columns: [String], strengths: [Float])] = [
      (.signed, "Either way", ["-1", "-0.5", "0", "+0.5", "+1"], [-1, -0.5, 0, 0.5, 1]),
      (.positive, "From nothing to the bound", ["0", "0.25", "0.5", "0.75", "1"], [0, 0.25, 0.5, 0.75, 1]),
      (.fixed, "Done or not done", ["not done", "done"], [0, 1]),
    ]
    return kinds.compactMap { kind in
      let rows = transforms.filter { $0.amounts == kind.amounts }.map { transform in
        PictureSheet.Row(
          caption: transform.name, detail: detail(of: transform),
          images: kind.strengths.map { strength in
            kind.amounts == .fixed && strength == 0 ? image : changed(image, by: transform, strength, seed: seed)
          })
      }
      return rows.isEmpty ? nil : PictureSheet.Section(heading: kind.heading, columns: kind.columns, rows: rows)
    }
  }

  /// Twelve augmented images, as a training would draw them in its first twelve epochs.
  package static func draws(
    of augmentation: Augmentation, _ image: Image, identity: String, seed: UInt64
  ) -> PictureSheet.Section {
    let shape = PictureShape(width: image.width, height: image.height, channels: image.channels)
    let pictures = (0..<12).map { epoch in
      augmentation.draw(shape, seed: seed, identity: identity, epoch: epoch).apply(to: image)
    }
    return PictureSheet.Section(
      heading: "Twelve draws",
      rows: [
        PictureSheet.Row(images: Array(pictures[..<6])), PictureSheet.Row(images: Array(pictures[6...])),
      ])
  }

  /// The range of a transform, and what it does.
  private static func detail(of transform: AnyTransform) -> String {
    let bounds = transform.settings.map { "\($0.name) \(NumberText.short($0.value))" }
    return (bounds + [type(of: transform.base).summary]).joined(separator: "   ")
  }

  private static func changed(_ image: Image, by transform: AnyTransform, _ amount: Float, seed: UInt64) -> Image {
    let shape = PictureShape(width: image.width, height: image.height, channels: image.channels)
    var stream = RandomStream(seed: seed, name: "sheet")
    var draw = Augmentation.Draw(shape)
    draw.add(transform.base.change(amount, &stream, shape))
    return draw.apply(to: image)
  }
}

extension Augmentation {
  /// All transforms of the augmentation, in order.
  package var transforms: [AnyTransform] { steps.flatMap(\.transforms) }
}

extension Augmentation.Step {
  fileprivate var transforms: [AnyTransform] {
    switch self {
    case .transform(let transform): [transform]
    case .sequence(let steps), .someOf(_, let steps): steps.flatMap(\.transforms)
    case .oneOf(let choices): choices.flatMap(\.step.transforms)
    case .sometimes(_, let step): step.transforms
    }
  }
}
