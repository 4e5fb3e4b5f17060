import NunchiSystem
import NunchiTensors

/// A normal number added to every sample, with mean 0.
package struct Noise: Transform {
  package static let name = "noise"
  package static let summary = "adds normal noise of up to deviation levels to every sample"
  package static let amounts = Amounts.positive
  package static var parameters: [TransformParameter<Self>] { [.init("deviation", \.deviation, 0...128)] }

  package var deviation: Float = 25

  package init() {}

  package func change(_ amount: Float, _ stream: inout RandomStream, _ shape: PictureShape) -> Change {
    let (key, deviation) = (stream.next(), amount * deviation)
    if deviation == 0 { return .none }
    return .pixels { pixels in
      withUnsafeTemporaryAllocation(of: Int16.self, capacity: Normal.count) { table in
        for index in 0..<Normal.count { table[index] = Int16((deviation * Normal.quantiles[index]).rounded()) }
        Self.add(table.baseAddress!, key, to: pixels.samples, pixels.count)
      }
    }
  }

  /// A block of random numbers has 128 bits: the places of eight samples in the table.
  private static func add(
    _ table: UnsafePointer<Int16>, _ key: UInt64, to samples: UnsafeMutablePointer<UInt8>, _ count: Int
  ) {
    @inline(__always) func noisy(_ place: Int, _ random: UInt32) {
      samples[place] = byte(Int32(samples[place]) &+ Int32(table[Int(random & 0xFFF)]))
    }
    let whole = count / 8
    for group in 0..<whole {
      let block = Philox.block(SIMD4(UInt32(truncatingIfNeeded: group), 0, 0, 0), key: key)
      let place = 8 &* group
      noisy(place, block.x)
      noisy(place &+ 1, block.x >> 16)
      noisy(place &+ 2, block.y)
      noisy(place &+ 3, block.y >> 16)
      noisy(place &+ 4, block.z)
      noisy(place &+ 5, block.z >> 16)
      noisy(place &+ 6, block.w)
      noisy(place &+ 7, block.w >> 16)
    }
    let block = Philox.block(SIMD4(UInt32(truncatingIfNeeded: whole), 0, 0, 0), key: key)
    for place in 8 * whole..<count { noisy(place, block[(place & 7) >> 1] >> (place & 1 == 0 ? 0 : 16)) }
  }
}

/// The normal distribution as a table: a random place of it is a normal number.
private enum Normal {
  static let count = 4096

  /// The quantiles at (i + ½) / 4096, scaled to deviation 1. The curve is summed in steps of 1/4096.
  static let quantiles: [Float] = {
    let step = 1.0 / 4096
    let height = step / (2 * Double.pi).squareRoot()
    var (x, area) = (0.0, 0.0)
    var upper: [Double] = []
    while upper.count < count / 2 {
      while area < (Double(upper.count) + 0.5) / Double(count) {
        area += height * exp(-0.5 * (x + step / 2) * (x + step / 2))
        x += step
      }
      upper.append(x - step / 2)
    }
    let deviation = (upper.reduce(0) { $0 + $1 * $1 } / Double(upper.count)).squareRoot()
    return (upper.reversed().map { -$0 } + upper).map { Float($0 / deviation) }
  }()
}
