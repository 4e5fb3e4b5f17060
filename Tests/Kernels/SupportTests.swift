import NunchiKernels
import NunchiTensors
import Testing

@Suite struct SupportTests {
  @Test func anErrorBeyondTheBoundIsFound() throws {
    var expected = Expectation()
    expected.append(1, within: 1e-6)
    expected.append(2, within: 1e-6)
    #expect(expected.worst(of: [1, 2]) == nil)
    #expect(try #require(expected.worst(of: [1, 2.00001])).hasPrefix("element 1 is"))
    #expect(expected.worst(of: [1, .nan]) != nil)
    #expect(expected.worst(of: [1]) == "1 elements instead of 2")
  }

  @Test func anotherBitIsFound() {
    #expect(firstDifference([1, .nan], [1, .nan]) == nil)
    #expect(firstDifference([1, 0], [1, -0.0]) == "element 1 is 0.0 and -0.0")
    #expect(firstDifference([1], [1, 2]) == "1 elements and 2")
  }

  @Test func theBestInstructionSetHasATable() throws {
    let best = try #require(nk_kernels(nk_best_isa()))
    #expect(best.pointee.isa == nk_best_isa())
    #expect(try #require(nk_kernels(NK_PORTABLE)).pointee.fused_multiply_add == 0)
    #expect(["portable", "neon", "avx2", "avx512"] == (0...3).map { String(cString: nk_isa_name(nk_isa($0))) })
    for table in tables where table.isa != NK_PORTABLE { #expect(table.fused_multiply_add == 1) }
  }

  @Test func denormalsAreFlushedAndRestored() {
    let least = Guarded<Float>([Float.leastNonzeroMagnitude * 1024])
    let half = Guarded<Float>(count: 1)
    let portable = nk_kernels(NK_PORTABLE)!.pointee
    let state = nk_flush_denormals()
    portable.map(NK_AFFINE, 0.5, 0, least.constant, half.pointer, 1)
    let flushed = half.elements[0]
    nk_restore_denormals(state)
    portable.map(NK_AFFINE, 0.5, 0, least.constant, half.pointer, 1)
    #expect(flushed.bitPattern == 0)
    // Bits, because a comparison that flushes would find the two equal.
    #expect(half.elements[0].bitPattern == 512)
  }

  /// Results may be written over an input of the same extents.
  @Test func resultsOverInputsAreTheSame() {
    var random = RandomStream(seed: 30, name: "in place")
    let (rows, columns) = (7, 37)
    let x = random.numbers(rows * columns)
    let (a, b) = (Guarded(random.numbers(columns)), Guarded(random.numbers(columns)))
    let (loss, index) = (Guarded<Float>(count: rows), Guarded([Int32](repeating: 3, count: rows)))
    let (r, c) = (Int64(rows), Int64(columns))
    for table in tables {
      let calls: [(UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void] = [
        { table.map(NK_TANH, 0, 0, $0, $1, r * c) },
        { table.map_gradient(NK_SIGMOID, 0, 0, $0, $0, $1, r * c) },
        { table.binary(NK_LOGISTIC_LOSS, $0, columns, 1, $0, columns, 1, $1, r, c) },
        { table.softmax($0, $1, r, c, 0) },
        { table.softmax($0, $1, r, c, 1) },
        { table.softmax_gradient($0, $0, $1, r, c, 0) },
        { table.cross_entropy($0, index.constant, nil, nil, 0.1, Int32(NK_NONE), loss.pointer, $1, r, c) },
        { table.affine($0, a.constant, b.constant, 1, $1, r, c) },
        {
          table.batch_norm_gradient(
            $0, $0, a.constant, b.constant, a.constant, b.constant, a.constant, $1, r, c)
        },
        { table.dropout($0, $1, r * c, 0, 1, 2, 3, 1 << 30, 2) },
      ]
      for (number, call) in calls.enumerated() {
        let (source, target) = (Guarded(x), Guarded<Float>(count: x.count))
        call(source.constant, target.pointer)
        call(source.constant, source.pointer)
        #expect(firstDifference(source.elements, target.elements) == nil, "call \(number)")
      }
    }
    withExtendedLifetime((a, b, loss, index)) {}
  }
}
