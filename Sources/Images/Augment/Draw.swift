import NunchiKernels

extension Augmentation {
  /// What was drawn for one picture: its geometry, and what happens to its samples afterwards.
  ///
  /// All geometry comes first, in the order drawn and in one resampling, whatever stands between; then the changes of
  /// samples in their order, tables that follow each other joined into one.
  package struct Draw: Sendable {
    package let shape: PictureShape
    package let fill: Fill
    package private(set) var geometry = Geometry()
    private var recolourings: [Recolouring] = []

    private enum Recolouring: Sendable {
      case tone(Tone)
      case table([UInt8])
      case pixels(@Sendable (Pixels) -> Void)
    }

    package init(_ shape: PictureShape, fill: Fill = .mirror) { (self.shape, self.fill) = (shape, fill) }

    /// Adds a change that comes after those before.
    package mutating func add(_ change: Change) {
      switch change {
      case .none: break
      case .projective(let map): geometry.append(map)
      case .displacement(let field): geometry.append(field)
      case .tone(let tone):
        if case .tone(let before) = recolourings.last {
          recolourings[recolourings.count - 1] = .tone(before.then(tone))
        } else {
          recolourings.append(.tone(tone))
        }
      case .table(let table): recolourings.append(.table(table))
      case .pixels(let body): recolourings.append(.pixels(body))
      }
    }

    /// Whether the picture stays as it is.
    package var isIdentity: Bool { geometry.isIdentity && recolourings.isEmpty }
  }
}

extension Augmentation.Draw {
  /// The changed picture.
  package func apply(to image: Image) -> Image {
    precondition(
      shape == PictureShape(width: image.width, height: image.height, channels: image.channels),
      "drawn for a picture of \(shape), got \(image.width)x\(image.height)x\(image.channels)")
    return Image(width: image.width, height: image.height, channels: image.channels) { output in
      image.bytes.withUnsafeBufferPointer { write($0.baseAddress!, to: output) }
    }
  }

  /// Writes the changed picture to `target`, which must not overlap the source.
  package func write(_ source: UnsafePointer<UInt8>, to target: UnsafeMutablePointer<UInt8>) {
    geometry.write(WarpSource(samples: source, shape: shape), fill: fill, to: target)
    if !recolourings.isEmpty { recolour(target) }
  }

  private func recolour(_ samples: UnsafeMutablePointer<UInt8>) {
    var table: [UInt8]?
    func look() {
      if let ready = table { Self.look(ready, samples, shape) }
      table = nil
    }
    for recolouring in recolourings {
      switch recolouring {
      case .table(let next): table = table.map { Self.joined($0, next) } ?? next
      case .tone(let tone):
        look()
        table = tone.table(mean: Tone.mean(samples, shape))
      case .pixels(let body):
        look()
        let count = shape.width * shape.height * shape.channels
        ScratchMemory.with(byteCount: count) { body(Pixels(shape, samples, scratch: $0)) }
      }
    }
    look()
  }

  /// `first`, then `second`, as one table.
  private static func joined(_ first: [UInt8], _ second: [UInt8]) -> [UInt8] {
    (0..<max(first.count, second.count)).map { place in
      let value = Int(first[place % first.count])
      return second[(place & ~255) % second.count + value]
    }
  }

  /// Every sample through the table.
  private static func look(_ table: [UInt8], _ samples: UnsafeMutablePointer<UInt8>, _ shape: PictureShape) {
    precondition(
      table.count == 256 || table.count == 256 * shape.channels,
      "a table has 256 entries for all channels or for each, got \(table.count)")
    let pixels = shape.width * shape.height
    table.withUnsafeBufferPointer { entries in
      let table = entries.baseAddress!
      if entries.count == 256 {
        ImageKernels.functions.pointee.byte_table(table, samples, Int64(pixels * shape.channels))
      } else {
        for index in 0..<pixels {
          for channel in 0..<shape.channels {
            let place = index * shape.channels + channel
            samples[place] = table[256 * channel + Int(samples[place])]
          }
        }
      }
    }
  }
}
