extension Mixing.Mixture {
  /// How many pictures are taken in.
  var partners: Int {
    switch self {
    case .plain: 0
    case .blend, .patch: 1
    case .mosaic: 3
    }
  }

  /// The share of the picture itself and of each that is taken in: what was mixed, to the pixel or the 1/256. They sum to 1.
  package func shares(_ shape: PictureShape) -> [Float] {
    let area = Float(shape.width * shape.height)
    switch self {
    case .plain: return [1]
    case .blend(let share): return [1 - Float(share) / 256, Float(share) / 256]
    case .patch(_, _, let width, let height):
      let share = Float(width * height) / area
      return [1 - share, share]
    case .mosaic(let x, let y):
      let (right, lower) = (shape.width - x, shape.height - y)
      let others = [right * y, x * lower, right * lower].map { Float($0) / area }
      return [1 - others.reduce(0, +)] + others
    }
  }
}

extension Mixing {
  /// Mixes a batch and gives its targets: `[count, classes]`, each row the shares of the classes and summing to 1.
  ///
  /// - Parameters:
  ///   - images: `[count, height, width, channels]`, mixed in place.
  ///   - labels: the class of each image.
  package func apply(
    images: UnsafeMutableBufferPointer<UInt8>, labels: UnsafeBufferPointer<Int32>, _ shape: PictureShape, classes: Int,
    seed: UInt64, epoch: Int, batch: Int
  ) -> [Float] {
    let draw = draw(count: labels.count, shape, seed: seed, epoch: epoch, batch: batch)
    draw.mix(images, shape)
    return draw.targets(labels, shape, classes: classes)
  }
}

extension Mixing.Draw {
  /// The targets of the mixed pictures, `[count, classes]`.
  package func targets(_ labels: UnsafeBufferPointer<Int32>, _ shape: PictureShape, classes: Int) -> [Float] {
    precondition(labels.count == ring.count, "drawn for \(ring.count) pictures, got \(labels.count) labels")
    var targets = [Float](repeating: 0, count: ring.count * classes)
    for (place, picture) in ring.enumerated() {
      for (offset, share) in mixtures[place].shares(shape).enumerated() {
        let label = Int(labels[ring[(place + offset) % ring.count]])
        precondition(0..<classes ~= label, "label \(label) of \(classes) classes")
        targets[picture * classes + label] += share
      }
    }
    return targets
  }

  /// Mixes the pictures in place, round the ring: the first ones are kept for the last.
  package func mix(_ images: UnsafeMutableBufferPointer<UInt8>, _ shape: PictureShape) {
    let bytes = shape.width * shape.height * shape.channels
    precondition(images.count >= ring.count * bytes, "\(ring.count) pictures of \(bytes) bytes, got \(images.count)")
    let reach = min(mixtures.map(\.partners).max() ?? 0, ring.count)
    guard reach > 0, let base = images.baseAddress else { return }
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: (reach + 1) * bytes) { memory in
      let result = memory.baseAddress! + reach * bytes
      for place in 0..<reach {
        (memory.baseAddress! + place * bytes).update(from: base + ring[place] * bytes, count: bytes)
      }
      for place in ring.indices {
        let pictures = (0...mixtures[place].partners).map { offset -> UnsafePointer<UInt8> in
          let wanted = place + offset
          let kept = wanted >= ring.count
          return kept
            ? UnsafePointer(memory.baseAddress! + (wanted % ring.count) * bytes)
            : UnsafePointer(base + ring[wanted] * bytes)
        }
        guard pictures.count > 1 else { continue }
        mixtures[place].write(pictures, shape, to: result)
        (base + ring[place] * bytes).update(from: result, count: bytes)
      }
    }
  }
}

extension Mixing.Mixture {
  /// Writes the mixture of the picture itself and those that it takes in.
  fileprivate func write(
    _ pictures: [UnsafePointer<UInt8>], _ shape: PictureShape, to target: UnsafeMutablePointer<UInt8>
  ) {
    let (count, row) = (shape.width * shape.height * shape.channels, shape.width * shape.channels)
    switch self {
    case .plain: target.update(from: pictures[0], count: count)
    case .blend(let share):
      let (own, other) = (pictures[0], pictures[1])
      let (ownShare, otherShare) = (UInt32(256 - share), UInt32(share))
      for index in 0..<count {
        let sum = ownShare &* UInt32(own[index]) &+ otherShare &* UInt32(other[index])
        target[index] = UInt8(truncatingIfNeeded: (sum &+ 128) >> 8)
      }
    case .patch(let x, let y, let width, let height):
      target.update(from: pictures[0], count: count)
      for line in y..<y + height {
        let place = line * row + x * shape.channels
        (target + place).update(from: pictures[1] + place, count: width * shape.channels)
      }
    case .mosaic(let x, let y):
      for (index, picture) in pictures.enumerated() {
        let (isRight, isLower) = (index & 1 == 1, index >= 2)
        shrink(
          picture, shape, x: isRight ? x : 0, y: isLower ? y : 0, width: isRight ? shape.width - x : x,
          height: isLower ? shape.height - y : y, to: target)
      }
    }
  }

  /// The largest centred part of a picture that fits a rectangle, scaled into it.
  private func shrink(
    _ picture: UnsafePointer<UInt8>, _ shape: PictureShape, x: Int, y: Int, width: Int, height: Int,
    to target: UnsafeMutablePointer<UInt8>
  ) {
    guard width > 0, height > 0 else { return }
    let rectangle = Preprocessing(width: width, height: height, channels: shape.channels, rule: .crop)
    Resampler.resample(
      .init(samples: picture, width: shape.width, height: shape.height, channels: shape.channels),
      rectangle.placement(width: shape.width, height: shape.height).box, rectangle.filter,
      to: .init(
        samples: target + (y * shape.width + x) * shape.channels, width: width, height: height,
        stride: shape.width * shape.channels))
  }
}
