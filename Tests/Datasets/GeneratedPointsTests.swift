import NunchiDatasets
import Testing

/// Against points that do not lie as their form says.
@Suite struct GeneratedPointsTests {
  private func radius(_ point: GeneratedPoints.Point) -> Double {
    (point.x * point.x + point.y * point.y).squareRoot()
  }

  @Test(arguments: GeneratedPoints.Form.allCases) func theSameSeedMakesTheSamePoints(form: GeneratedPoints.Form) {
    let points = GeneratedPoints(form, count: 50, seed: 3)
    #expect(points == GeneratedPoints(form, count: 50, seed: 3))
    #expect(points != GeneratedPoints(form, count: 50, seed: 4))
    #expect(points.points == Array(GeneratedPoints(form, count: 80, seed: 3).points.prefix(50)))
    let counts = (0..<form.classes.lowerBound).map { label in points.points.count { $0.label == label } }
    #expect(counts.allSatisfy { $0 == 50 / form.classes.lowerBound })
  }

  /// Without noise every point lies on its curve.
  @Test func formsWithoutNoise() {
    for point in GeneratedPoints(.line, count: 40, noise: 0).points { #expect(abs(point.y - 3 * point.x - 2) < 1e-5) }
    for point in GeneratedPoints(.rings, count: 40, noise: 0, classes: 4).points {
      #expect(abs(radius(point) - Double(point.label + 1)) < 1e-4)
    }
    for point in GeneratedPoints(.xor, count: 40, noise: 0).points {
      #expect((point.x * point.y > 0) == (point.label == 0) && abs(point.x) >= 0.099 && abs(point.y) <= 1.001)
    }
    let blobs = GeneratedPoints(.blobs, count: 4, noise: 0, classes: 2).points
    #expect(abs(radius(blobs[0]) - 3) < 1e-4 && abs(blobs[0].x + blobs[1].x) < 1e-4)
    for point in GeneratedPoints(.spirals, count: 40, noise: 0).points {
      #expect((0.249...3.001).contains(radius(point)))
    }
  }

  /// The noise has the deviation asked for, to three standard errors of it.
  @Test func noiseIsAsWide() {
    let points = GeneratedPoints(.line, count: 20_000, noise: 2, seed: 5).points
    let square = points.reduce(0) { $0 + ($1.y - 3 * $1.x - 2) * ($1.y - 3 * $1.x - 2) } / 20_000
    #expect(abs(square.squareRoot() - 2) < 3 * 2 / (2 * 20_000.0).squareRoot())
  }

  /// A straight line between the middles parts two blobs.
  @Test func blobsAreSeparable() {
    let points = GeneratedPoints(.blobs, count: 2000, seed: 2).points
    let middle = GeneratedPoints(.blobs, count: 1, noise: 0).points[0]
    let right = points.count { ($0.x * middle.x + $0.y * middle.y > 0) == ($0.label == 0) }
    #expect(right >= 1980)
  }

  @Test func tables() {
    let table = GeneratedPoints(.xor, count: 2, noise: 0, seed: 1).table()
    let lines = table.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.first == "x,y,label" && lines.count == 4 && lines.last == "")
    let fields = lines[2].split(separator: ",")
    #expect(fields.count == 3 && fields[2] == "1")
    #expect(fields.prefix(2).allSatisfy { $0.split(separator: ".").last?.count == 5 })
    let points = GeneratedPoints(.line, count: 30, seed: 1)
    for (line, point) in zip(points.table(separator: "\t").split(separator: "\n").dropFirst(), points.points) {
      let fields = line.split(separator: "\t").compactMap { Double($0) }
      #expect(fields.count == 2 && abs(fields[0] - point.x) <= 5.1e-6 && abs(fields[1] - point.y) <= 5.1e-6)
    }
    #expect(points.table().hasPrefix("x,y\n"))
  }

  /// Each class leaves its own colour in the picture.
  @Test func pictures() {
    let image = GeneratedPoints(.blobs, count: 90, seed: 1, classes: 3).picture(size: 120)
    #expect(image.width == 120 && image.height == 120)
    func pixels(_ isMeant: (UInt8, UInt8, UInt8) -> Bool) -> Int {
      stride(from: 0, to: image.bytes.count, by: 3).count {
        isMeant(image.bytes[$0], image.bytes[$0 + 1], image.bytes[$0 + 2])
      }
    }
    #expect(pixels { $2 > $0 &+ 60 && $0 < 150 } > 20)
    #expect(pixels { $0 > 180 && $2 < 110 } > 20)
    #expect(pixels { $1 > 110 && $0 < 110 && $2 < 130 } > 20)
    #expect(GeneratedPoints(.blobs, count: 0).picture(size: 20).width == 20)
  }
}
