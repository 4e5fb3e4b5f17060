import NunchiEngine
import NunchiGraph
import NunchiTensors
import Testing

/// Networks that begin with bytes: the first convolution normalises them on the way.
@Suite(.serialized) struct BytesTests {
  struct Case {
    var row: Shape
    var kernel = (3, 3)
    var stride = (1, 1)
    var padding = Padding.symmetric(1)
    var outputs = 20

    /// - Parameter written: whether the normalised image is a result too, and so has to be written.
    func subject(written: Bool = false) -> Subject {
      let channels = row.extents[2]
      let first = weight(kernel.0, kernel.1, channels, outputs)
      let (bias, second) = (weight(outputs), weight(1, 1, outputs, 4))
      return Subject(
        "bytes \(row) k\(kernel) s\(stride) \(padding)", inputs: [("x", row, .bytes)],
        parameters: [first, bias, second]
      ) { tracer, values in
        // Zeros of the border are zeros of the normalised image: no byte becomes zero here.
        let (scale, shift): ([Float], [Float]) = ([0.01, 0.02, 0.03], [-1.003, 0.5, -2.7])
        let x = normalize(values[0], scale: Array(scale[..<channels]), shift: Array(shift[..<channels]))
        if written { tracer.output("image", x) }
        let y = relu(
          convolve(x, tracer.parameter(first), stride: stride, padding: padding) + tracer.parameter(bias))
        return convolve(y, tracer.parameter(second))
      }
    }
  }

  static let cases: [Case] = [
    Case(row: [9, 13, 3]), Case(row: [9, 13, 1]), Case(row: [17, 15, 3], stride: (2, 2)),
    Case(row: [12, 11, 3], padding: .valid), Case(row: [11, 19, 1], stride: (2, 2), padding: .valid),
    Case(row: [7, 9, 3], kernel: (1, 1), padding: .valid),
    Case(row: [20, 23, 3], kernel: (5, 4), stride: (3, 2), padding: .explicit(top: 2, bottom: 0, left: 1, right: 3)),
    Case(row: [14, 14, 3], kernel: (2, 2), stride: (2, 2), padding: .valid, outputs: 33),
    // A few rows a band.
    Case(row: [96, 250, 3], outputs: 5),
  ]

  @Test(arguments: cases.indices) func equalsReference(_ index: Int) throws {
    let subject = Self.cases[index].subject()
    for kernels in KernelTable.available {
      for (batch, rows) in [(5, 3), (1, 1)] {
        try Comparison(kernels: kernels, roundings: 512).check(subject, batch: batch, rows: rows)
      }
    }
    try Comparison(checked: false, roundings: 512).check(subject, batch: 9, rows: 9)
    try Comparison(threads: 3, mode: .inference, roundings: 512).check(subject, batch: 2, rows: 1)
  }

  @Test(arguments: cases.indices) func sameBitsAsFromAWrittenImage(_ index: Int) throws {
    let (direct, written) = (Self.cases[index].subject(), Self.cases[index].subject(written: true))
    func plan(_ subject: Subject) throws -> String {
      let layout = WeightsLayout(subject.parameters.enumerated().map { (name: "p\($0)", parameter: $1) })
      return try Comparison().plan(subject, batch: 4, layout).describe()
    }
    #expect(try !plan(direct).contains("  normalize "), "the image is written")
    #expect(try plan(written).contains("  normalize "), "the image is not written")
    for kernels in KernelTable.available {
      for threads in 1...3 {
        let comparison = Comparison(kernels: kernels, threads: threads)
        #expect(
          try comparison.bits(direct, batch: 10, rows: 9) == comparison.bits(written, batch: 10, rows: 9),
          "\(direct.name) on \(kernels), \(threads) threads")
      }
    }
  }

  /// Another reader needs the image in memory.
  @Test func otherReadersKeepTheImage() throws {
    let (kernel, scale) = (weight(3, 3, 3, 3), weight(3))
    let subject = Subject("read twice", inputs: [("x", [6, 7, 3], .bytes)], parameters: [kernel, scale]) {
      tracer, values in
      let x = normalize(values[0], scale: [0.1, 0.01, 0.02], shift: [-1, 0.5, -2])
      return convolve(x, tracer.parameter(kernel), padding: .same) + x * tracer.parameter(scale)
    }
    try Comparison(roundings: 512).check(subject, batch: 3, rows: 2)
  }
}
