/// One of the transforms of Winograd's F(m x m, 3 x 3) as its matrix: out = M in Mᵀ. The matrices are those of Lavin
/// and Gray, "Fast Algorithms for Convolutional Neural Networks", for the points 0, 1, -1, (2, -2,) infinity.
struct WinogradTransform {
  let rows: Int
  let columns: Int
  /// Row by row.
  let matrix: [Double]
  /// The most roundings that a term of one line goes through, where products are rounded before they are added. Products
  /// with powers of two are exact; a constant that is not counts one.
  let roundings: Int

  struct Element {
    var value: Double
    /// The same sum over the magnitudes of its terms.
    var size: Double
    var bound: Double
  }

  private init(_ matrix: [[Double]], roundings: Int) {
    (rows, columns) = (matrix.count, matrix[0].count)
    self.matrix = matrix.flatMap(\.self)
    self.roundings = roundings
  }

  private var transposed: [[Double]] { (0..<columns).map { j in (0..<rows).map { matrix[$0 * columns + j] } } }

  private static let inputs: [Int: [[Double]]] = [
    2: [[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]],
    4: [
      [4, 0, -5, 0, 1, 0], [0, -4, -4, 1, 1, 0], [0, 4, -4, -1, 1, 0], [0, -2, -1, 2, 1, 0], [0, 2, -1, -2, 1, 0],
      [0, 4, 0, -5, 0, 1],
    ],
  ]
  /// In 24ths.
  private static let weights: [Int: [[Double]]] = [
    2: [[24, 0, 0], [12, 12, 12], [12, -12, 12], [0, 0, 24]],
    4: [[6, 0, 0], [-4, -4, -4], [-4, 4, -4], [1, 2, 4], [1, -2, 4], [0, 0, 24]],
  ]
  private static let outputs: [Int: [[Double]]] = [
    2: [[1, 1, 1, 0], [0, 1, -1, -1]],
    4: [[1, 1, 1, 1, 1, 0], [0, 1, -1, 2, -2, 0], [0, 1, 1, 4, 4, 0], [0, 1, -1, 8, -8, 1]],
  ]

  /// Bᵀ
  static func input(_ m: Int) -> Self { Self(inputs[m]!, roundings: 3) }

  /// G
  static func weights(_ m: Int) -> Self { Self(weights[m]!.map { $0.map { $0 / 24 } }, roundings: 4) }

  /// Aᵀ
  static func output(_ m: Int) -> Self { Self(outputs[m]!, roundings: 3) }

  /// A
  static func spread(_ m: Int) -> Self { Self(output(m).transposed, roundings: 2) }

  /// Gᵀ
  static func taps(_ m: Int) -> Self { Self(weights(m).transposed, roundings: 5) }

  /// M in Mᵀ of the square matrix whose elements `element` tells, row by row.
  func of(_ element: (_ row: Int, _ column: Int) -> Float) -> [Element] {
    let source = (0..<columns * columns).map { Double(element($0 / columns, $0 % columns)) }
    return bounded(of(source), of(source.map(abs), magnitudes: true))
  }

  func of(_ source: [Double], magnitudes: Bool = false) -> [Double] {
    let matrix = magnitudes ? matrix.map(abs) : matrix
    var lines = [Double](repeating: 0, count: rows * columns)
    for i in 0..<rows {
      for j in 0..<columns {
        for k in 0..<columns { lines[i * columns + j] += matrix[i * columns + k] * source[k * columns + j] }
      }
    }
    var target = [Double](repeating: 0, count: rows * rows)
    for i in 0..<rows {
      for j in 0..<rows {
        for k in 0..<columns { target[i * rows + j] += lines[i * columns + k] * matrix[j * columns + k] }
      }
    }
    return target
  }

  /// Two lines, one down and one across.
  private func bounded(_ values: [Double], _ sizes: [Double]) -> [Element] {
    zip(values, sizes).map { Element(value: $0, size: $1, bound: Double(2 * roundings + 1) * unit * $1) }
  }
}

extension WinogradTransform {
  /// The largest factor by which magnitudes of 1 grow on their way through the transforms and the product, as a share of
  /// those of the direct sum: 9 terms a result, m² terms a tile and weight.
  static func amplification(_ m: Int) -> (forward: Double, gradient: Double) {
    func sums(_ transform: Self) -> [Double] {
      (0..<transform.rows).map { row in
        (0..<transform.columns).reduce(0) { $0 + abs(transform.matrix[row * transform.columns + $1]) }
      }
    }
    /// Both axes are alike: the square of one.
    func worst(_ outer: Self, _ left: Self, _ right: Self) -> Double {
      let points = zip(sums(left), sums(right)).map { $0 * $1 }
      let line = (0..<outer.rows).map { row in
        points.indices.reduce(0) { $0 + abs(outer.matrix[row * outer.columns + $1]) * points[$1] }
      }.max()!
      return line * line
    }
    return (
      worst(output(m), input(m), weights(m)) / 9, worst(taps(m), input(m), spread(m)) / Double(m * m)
    )
  }
}
