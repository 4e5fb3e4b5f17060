import NunchiKernels
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
}
