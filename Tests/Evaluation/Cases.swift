import NunchiDocuments
import NunchiSystem

/// The generator of `Tools/metrics_fixtures.py`.
struct SplitMix64 {
  var state: UInt64

  mutating func below(_ bound: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((z ^ (z >> 31)) % UInt64(bound))
  }
}

/// One case of `Tools/metrics_fixtures.py`, number for number.
struct Case {
  let classes: Int
  var truth: [Int] = []
  var rows: [[Float]] = []

  init(number: Int) {
    var random = SplitMix64(state: UInt64(number))
    let classes = 2 + random.below(6)
    let drawn = 4 + random.below(60)
    let favours = (0..<classes).map { _ in [1, 1, 1, 4, 0][random.below(5)] }
    let occurring = classes > 2 ? classes - random.below(2) : classes
    self.classes = classes
    for _ in 0..<(number % 25 == 24 ? 1 : drawn) {
      let sure = number % 20 == 7 ? random.below(classes) : nil
      let weights = (0..<classes).map { label -> Int in
        if let sure { return label == sure ? 1 : 0 }
        return number % 10 == 9 ? 1 + random.below(3) : (1 + favours[label] * random.below(200)) * classes + label
      }
      let total = weights.reduce(0, +)
      let best = weights.firstIndex(of: weights.max()!)!
      rows.append(weights.map { Float(Double($0) / Double(total)) })
      truth.append(random.below(10) < 6 ? best % occurring : random.below(occurring))
    }
  }

  var names: [String] { (0..<classes).map { "c\($0)" } }
}

/// Logits of a case of `Tools/metrics_fixtures.py` and the true classes.
struct LogitCase {
  let classes: Int
  var truths: [Int] = []
  var logits: [Float] = []

  init(number: Int) {
    var random = SplitMix64(state: UInt64(10_000 + number))
    let classes = 2 + random.below(4)
    self.classes = classes
    for _ in 0..<50 + random.below(100) {
      let row = (0..<classes).map { _ in random.below(2001) }
      let best = row.firstIndex(of: row.max()!)!
      truths.append(random.below(10) < 4 + number % 5 ? best : random.below(classes))
      logits += row.map { Float(Double($0 - 1000) / 200) }
    }
  }
}

/// A file of `Tests/Evaluation/Fixtures`.
func fixture(_ name: String) throws -> JSON {
  let path = #filePath.split(separator: "/").dropLast().joined(separator: "/")
  return try MappedFile(path: "/\(path)/Fixtures/\(name)").withBytes { try JSON(parsing: Array($0)) }
}

/// All numbers in a document, in order; none for null.
func numbers(_ json: JSON) -> [Double] {
  json.arrayValue?.flatMap(numbers) ?? json.doubleValue.map { [$0] } ?? []
}

func close(_ a: [Double], _ b: [Double], _ tolerance: Double = 5e-4) -> Bool {
  a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) < tolerance }
}
