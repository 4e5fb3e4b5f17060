import NunchiSystem
import NunchiTensors

/// Colours turned round the gray axis, their luma kept: a turn of the plane I, Q of YIQ. Gray pictures stay as they are.
package struct Hue: Transform {
  package static let name = "hue"
  package static let summary = "turns colours round the colour circle by up to so many degrees, either way"
  package static let amounts = Amounts.signed
  package static var parameters: [TransformParameter<Self>] { [.init("degrees", \.degrees, 0...180)] }

  package var degrees: Float = 40

  package init() {}

  package func change(_ amount: Float, _ stream: inout RandomStream, _ shape: PictureShape) -> Change {
    if amount * degrees == 0 || shape.channels == 1 { return .none }
    let turn = Self.turn(degrees: Double(amount * degrees))
    return .pixels { pixels in
      let samples = pixels.samples
      turn.withUnsafeBufferPointer { weights in
        for pixel in 0..<pixels.shape.width * pixels.shape.height {
          let place = samples + 3 * pixel
          let (red, green, blue) = (Int32(place[0]), Int32(place[1]), Int32(place[2]))
          for channel in 0..<3 {
            let row = 3 &* channel
            let sum = weights[row] &* red &+ weights[row &+ 1] &* green &+ weights[row &+ 2] &* blue
            place[channel] = byte((sum &+ 0x2000) >> 14)
          }
        }
      }
    }
  }

  /// The matrix over red, green and blue, in 1/16384. Each row sums to 1: gray stays gray.
  private static func turn(degrees: Double) -> [Int32] {
    let (cosine, sine) = (cos(degrees * .pi / 180), sin(degrees * .pi / 180))
    let luma = [0.299, 0.587, 0.114]
    // What a sine's turn adds to each channel, from the product of YIQ's matrix, a quarter turn, and its inverse.
    let quarter = [[0.168, 0.330, -0.497], [-0.328, 0.035, 0.292], [1.250, -1.050, -0.203]]
    return (0..<3).flatMap { output -> [Int32] in
      var row = (0..<3).map { input -> Int32 in
        let kept = (input == output ? 1 - luma[input] : -luma[input]) * cosine
        return Int32((16384 * (luma[input] + kept + quarter[output][input] * sine)).rounded())
      }
      row[output] += 16384 - row.reduce(0, +)
      return row
    }
  }
}
