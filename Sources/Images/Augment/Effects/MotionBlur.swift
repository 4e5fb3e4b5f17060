import NunchiSystem
import NunchiTensors

/// The mean along a line through each pixel, its direction drawn: a camera that moved.
package struct MotionBlur: Transform {
  package static let name = "motion-blur"
  package static let summary = "blurs along a line of up to length pixels, in any direction"
  package static let amounts = Amounts.positive
  package static var parameters: [TransformParameter<Self>] { [.init("length", \.length, 0...64)] }

  package var length: Float = 12

  package init() {}

  package func change(_ amount: Float, _ stream: inout RandomStream, _ shape: PictureShape) -> Change {
    let angle = Double(stream.uniform()) * .pi
    let half = Int((amount * length / 2).rounded())
    if half == 0 { return .none }
    let (across, down) = (cos(angle), sin(angle))
    let offsets = (-half...half).map { step in
      (x: Int((across * Double(step)).rounded()), y: Int((down * Double(step)).rounded()))
    }
    return .pixels { pixels in
      let channels = pixels.shape.channels
      let line = pixels.shape.width * channels
      // The sum of all is at most 255 · 65, and so is its product with this share of 2¹⁶ below 2³².
      let share = UInt32((65536 / Float(offsets.count)).rounded())
      withMargin(half, round: pixels.samples, pixels.shape) { inside, row in
        withUnsafeTemporaryAllocation(of: UInt16.self, capacity: line) { sums in
          let sums = sums.baseAddress!
          for y in 0..<pixels.shape.height {
            sums.update(repeating: 0, count: line)
            for offset in offsets {
              let source = inside + (y + offset.y) * row + offset.x * channels
              for index in 0..<line { sums[index] = sums[index] &+ UInt16(source[index]) }
            }
            let target = pixels.samples + y * line
            for index in 0..<line {
              target[index] = UInt8(truncatingIfNeeded: (UInt32(sums[index]) &* share &+ 0x8000) >> 16)
            }
          }
        }
      }
    }
  }
}
