/// A picture cut into about so many connected segments, compact and of similar colour (SLIC): centres on a grid gather
/// the pixels round them that are nearest in place and colour, and move to the mean of these, a few times.
package struct Segmentation {
  /// The segment of each pixel, `[y][x]`.
  package private(set) var labels: [Int32]
  /// Labels are 0..<`count`, each of them used.
  package private(set) var count: Int

  /// How much distance counts beside colour: levels of difference over one grid step.
  private static let compactness: Float = 14
  private static let rounds = 3

  private struct Centre {
    var x: Float
    var y: Float
    var colour: SIMD4<Float>
  }

  private let shape: PictureShape
  private let across: Int
  private let down: Int

  package init(_ samples: UnsafePointer<UInt8>, _ shape: PictureShape, segments: Int) {
    let (width, height) = (shape.width, shape.height)
    let columns = (Float(segments) * Float(width) / Float(height)).squareRoot().rounded()
    across = min(max(Int(columns), 1), width)
    down = min(max(Int((Float(segments) / Float(across)).rounded()), 1), height)
    self.shape = shape
    (labels, count) = ([], across * down)
    let planes = Self.planes(samples, shape)
    var centres = (0..<count).map { Self.centre(planes, shape, onGrid: $0, across, down) }
    for round in 0..<Self.rounds {
      gather(planes, centres)
      if round < Self.rounds - 1 { move(&centres, planes) }
    }
    connect()
  }

  /// The channels one after the other.
  private static func planes(_ samples: UnsafePointer<UInt8>, _ shape: PictureShape) -> [Float] {
    let (channels, pixels) = (shape.channels, shape.width * shape.height)
    return [Float](unsafeUninitializedCapacity: channels * pixels) { planes, count in
      for channel in 0..<channels {
        let plane = planes.baseAddress! + channel * pixels
        for pixel in 0..<pixels { plane[pixel] = Float(samples[pixel * channels + channel]) }
      }
      count = channels * pixels
    }
  }

  private static func centre(
    _ planes: [Float], _ shape: PictureShape, onGrid index: Int, _ across: Int, _ down: Int
  ) -> Centre {
    let x = (2 * (index % across) + 1) * shape.width / (2 * across)
    let y = (2 * (index / across) + 1) * shape.height / (2 * down)
    var colour = SIMD4<Float>()
    for channel in 0..<shape.channels {
      colour[channel] = planes[(channel * shape.height + y) * shape.width + x]
    }
    return Centre(x: Float(x), y: Float(y), colour: colour)
  }

  /// Every pixel to the nearest centre of those within a grid step of it.
  private mutating func gather(_ planes: [Float], _ centres: [Centre]) {
    let (width, height, across, down) = (shape.width, shape.height, across, down)
    if labels.isEmpty {
      let columns = (0..<width).map { Int32($0 * across / width) }
      labels.reserveCapacity(width * height)
      for y in 0..<height {
        let first = Int32(y * down / height * across)
        for column in columns { labels.append(first + column) }
      }
    }
    let (stepX, stepY) = (Float(width) / Float(across), Float(height) / Float(down))
    let weight = Self.compactness * Self.compactness * Float(shape.channels) / (stepX * stepY)
    let channels = shape.channels
    withUnsafeTemporaryAllocation(of: Float.self, capacity: width * height) { nearest in
      nearest.initialize(repeating: .infinity)
      labels.withUnsafeMutableBufferPointer { labels in
        planes.withUnsafeBufferPointer { planes in
          for (label, centre) in centres.enumerated() {
            let left = max(Int(centre.x - stepX), 0)
            let right = min(Int(centre.x + stepX) + 1, width - 1)
            let top = max(Int(centre.y - stepY), 0)
            let bottom = min(Int(centre.y + stepY) + 1, height - 1)
            for y in top...bottom {
              let place = y * width + left
              let awayY = weight * (Float(y) - centre.y) * (Float(y) - centre.y)
              Self.compare(
                planes.baseAddress! + place, plane: width * height, channels, centre.colour,
                left: Float(left) - centre.x,
                weight, awayY, nearest.baseAddress! + place, labels.baseAddress! + place, Int32(label),
                right - left + 1)
            }
          }
        }
      }
    }
  }

  /// One row of one centre's window.
  private static func compare(
    _ samples: UnsafePointer<Float>, plane: Int, _ channels: Int, _ colour: SIMD4<Float>, left: Float, _ weight: Float,
    _ awayY: Float, _ nearest: UnsafeMutablePointer<Float>, _ labels: UnsafeMutablePointer<Int32>, _ label: Int32,
    _ count: Int
  ) {
    let (first, second, third) = (colour.x, colour.y, colour.z)
    let green = samples + (channels == 3 ? plane : 0)
    let blue = samples + (channels == 3 ? 2 * plane : 0)
    let others: Float = channels == 3 ? 1 : 0
    for index in 0..<count {
      let across = left + Float(Int32(truncatingIfNeeded: index))
      let (a, b, c) = (samples[index] - first, green[index] - second, blue[index] - third)
      let distance = a * a + others * (b * b + c * c) + weight * across * across + awayY
      let nearer = distance < nearest[index]
      nearest[index] = nearer ? distance : nearest[index]
      labels[index] = nearer ? label : labels[index]
    }
  }

  /// Every centre to the mean of its pixels.
  private func move(_ centres: inout [Centre], _ planes: [Float]) {
    let (width, pixels) = (shape.width, shape.width * shape.height)
    var sums = [SIMD4<Float>](repeating: .zero, count: centres.count)
    var places = [SIMD4<Float>](repeating: .zero, count: centres.count)
    let (green, blue) = shape.channels == 3 ? (pixels, 2 * pixels) : (0, 0)
    for y in 0..<shape.height {
      for x in 0..<width {
        let pixel = y * width + x
        let label = Int(labels[pixel])
        sums[label] += SIMD4(planes[pixel], planes[green + pixel], planes[blue + pixel], 0)
        places[label] += SIMD4(Float(x), Float(y), 1, 0)
      }
    }
    for index in centres.indices where places[index].z > 0 {
      let share = 1 / places[index].z
      centres[index] = Centre(x: places[index].x * share, y: places[index].y * share, colour: sums[index] * share)
    }
  }

  /// Gives every connected part a label of its own; small ones become part of the neighbour before them.
  private mutating func connect() {
    let (width, pixels) = (shape.width, shape.width * shape.height)
    let small = pixels / (across * down) / 4
    var parts: Int32 = 0
    var connected = [Int32](repeating: -1, count: pixels)
    connected.withUnsafeMutableBufferPointer { connected in
      labels.withUnsafeBufferPointer { labels in
        withUnsafeTemporaryAllocation(of: Int32.self, capacity: pixels) { part in
          for start in 0..<pixels where connected[start] < 0 {
            let size = Self.flood(
              start, parts, labels.baseAddress!, connected.baseAddress!, part.baseAddress!, width, pixels)
            if size > small || start == 0 {
              parts += 1
              continue
            }
            // The pixel left of the first one, or above it, was seen before and belongs to another part.
            let neighbour = connected[start % width > 0 ? start - 1 : start - width]
            for pixel in part.prefix(size) { connected[Int(pixel)] = neighbour }
          }
        }
      }
    }
    (labels, count) = (connected, Int(parts))
  }

  /// Marks all that hangs together with `start` and lists it in `part`; returns how many pixels those are.
  private static func flood(
    _ start: Int, _ mark: Int32, _ labels: UnsafePointer<Int32>, _ marks: UnsafeMutablePointer<Int32>,
    _ part: UnsafeMutablePointer<Int32>, _ width: Int, _ pixels: Int
  ) -> Int {
    let label = labels[start]
    var (done, size) = (0, 1)
    part[0] = Int32(truncatingIfNeeded: start)
    marks[start] = mark
    @inline(__always) func take(_ pixel: Int) {
      if marks[pixel] < 0 && labels[pixel] == label {
        marks[pixel] = mark
        part[size] = Int32(truncatingIfNeeded: pixel)
        size &+= 1
      }
    }
    while done < size {
      let pixel = Int(part[done])
      done &+= 1
      let x = pixel % width
      if x > 0 { take(pixel &- 1) }
      if x < width &- 1 { take(pixel &+ 1) }
      if pixel >= width { take(pixel &- width) }
      if pixel &+ width < pixels { take(pixel &+ width) }
    }
    return size
  }
}
