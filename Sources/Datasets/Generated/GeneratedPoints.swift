import NunchiDocuments
import NunchiImages
import NunchiSystem
import NunchiTensors

/// Points in the plane for regressions and perceptrons.
package struct GeneratedPoints: Sendable, Hashable {
  /// How the points lie.
  package enum Form: String, Sendable, Hashable, CaseIterable {
    /// Round clouds, one a class, their middles on a circle of radius 3.
    case blobs
    /// Circles of radius 1, 2, …, one inside the other.
    case rings
    /// Arms that wind once and a half round the origin.
    case spirals
    /// The four quadrants of a square; opposite ones are of one class.
    case xor
    /// y = 3x + 2 for x in -5..<5; there are no classes.
    case line

    /// The deviation of the noise that suits the form.
    package var usualNoise: Double {
      switch self {
      case .blobs: 0.5
      case .rings: 0.12
      case .spirals: 0.06
      case .xor: 0.05
      case .line: 1
      }
    }

    /// How many classes there can be.
    package var classes: ClosedRange<Int> {
      switch self {
      case .blobs, .rings, .spirals: 2...9
      case .xor: 2...2
      case .line: 1...1
      }
    }
  }

  package struct Point: Sendable, Hashable {
    package let x: Double
    package let y: Double
    /// The class; 0 on the line.
    package let label: Int
  }

  package let form: Form
  package let points: [Point]

  /// Points whose classes take turns, each a pure function of seed, number and the other settings.
  ///
  /// - Parameters:
  ///   - noise: the deviation of the normal noise; on the line it is added to y alone, elsewhere to both.
  ///   - classes: within `form.classes`.
  package init(_ form: Form, count: Int, noise: Double? = nil, seed: UInt64 = 0, classes: Int? = nil) {
    let classes = classes ?? form.classes.lowerBound
    precondition(form.classes.contains(classes), "\(form) has \(form.classes) classes, got \(classes)")
    let noise = noise ?? form.usualNoise
    self.form = form
    points = (0..<count).map { index in
      var stream = RandomStream(
        seed: seed, name: "points/" + form.rawValue,
        position: (UInt32(truncatingIfNeeded: index), UInt32(truncatingIfNeeded: index >> 32)))
      let label = index % classes
      let place = Self.place(form, label, of: classes, &stream)
      let (across, up) = (Double(stream.normal()) * noise, Double(stream.normal()) * noise)
      return Point(x: place.x + (form == .line ? 0 : across), y: place.y + up, label: label)
    }
  }

  /// A point without noise.
  private static func place(
    _ form: Form, _ label: Int, of classes: Int, _ stream: inout RandomStream
  ) -> SIMD2<Double> {
    let (share, other) = (stream.uniform(), stream.uniform())
    func around(_ turns: Float, _ radius: Float) -> SIMD2<Double> { SIMD2<Double>(Circle.point(turns) * radius) }
    switch form {
    case .blobs: return around(Float(label) / Float(classes) + 0.09, 3)
    case .rings: return around(share, Float(label + 1))
    case .spirals: return around(1.5 * share + Float(label) / Float(classes), 0.25 + 2.75 * share)
    case .xor:
      let x = SIMD2<Double>(Double(share), Double(other)) * 0.9 + 0.1
      let right = stream.flip(0.5)
      return SIMD2(right ? x.x : -x.x, right == (label == 0) ? x.y : -x.y)
    case .line:
      let x = Double(share) * 10 - 5
      return SIMD2(x, 3 * x + 2)
    }
  }

  /// The points as a table with the columns x, y and, but for the line, label; five digits after the point.
  package func table(separator: String = ",") -> String {
    let isLine = form == .line
    var text = ["x", "y", "label"].prefix(isLine ? 2 : 3).joined(separator: separator) + "\n"
    for point in points {
      text += NumberText.fixed(point.x, 5) + separator + NumberText.fixed(point.y, 5)
      text += isLine ? "\n" : separator + String(point.label) + "\n"
    }
    return text
  }

  /// The points drawn on white with the axes, the classes in colours; the line y = 3x + 2 where there is one.
  package func picture(size: Int = 512) -> Image { PointsPicture(self, size: size).draw() }
}
