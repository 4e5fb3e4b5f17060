import NunchiKernels
import NunchiTensors
import Testing

@Suite struct MovementTests {
  /// Every order of axes, with gaps, repeated and reversed axes.
  @Test func copiesWithAnyStrides() {
    var random = RandomStream(seed: 11, name: "copy")
    for trial in 0..<200 {
      let rank = random.integer(in: 0...5)
      let extents = (0..<rank).map { _ in
        rank <= 3 ? random.integer(in: trial % 20 == 0 ? 0...2 : 1...37) : random.integer(in: 1...6)
      }
      var sourceStrides = strides(of: extents, order: random.permutation(rank), gap: random.flip(0.3) ? 1 : 0)
      let targetOrder = random.flip(0.3) ? Array(0..<rank) : random.permutation(rank)
      let targetStrides = strides(of: extents, order: targetOrder, gap: random.flip(0.3) ? 1 : 0)
      if rank > 0, random.flip(0.3) { sourceStrides[random.integer(below: rank)] = 0 }
      if rank > 0, random.flip(0.3) { sourceStrides[random.integer(below: rank)] *= -1 }
      check(extents, sourceStrides, targetStrides)
    }
  }

  @Test func copiesBetweenImageLayouts() {
    for (n, h, w, c) in [(1, 1, 1, 1), (2, 5, 7, 3), (1, 16, 16, 16), (2, 9, 11, 33), (1, 17, 4, 64)] {
      let (nhwc, nchw) = ([h * w * c, w * c, c, 1], [h * w * c, w, 1, h * w])
      check([n, h, w, c], nhwc, nchw)
      check([n, h, w, c], nchw, nhwc)
      check([n, h, w, c], nhwc, nhwc)
    }
  }

  /// Strides of a dense array whose axes lie in `order`, the last one innermost, with a gap behind each line.
  private func strides(of extents: [Int], order: [Int], gap: Int) -> [Int] {
    var strides = [Int](repeating: 0, count: extents.count)
    var stride = 1
    for axis in order.reversed() {
      strides[axis] = stride
      stride = stride * extents[axis] + gap
    }
    return strides
  }

  private func check(_ extents: [Int], _ sourceStrides: [Int], _ targetStrides: [Int]) {
    let empty = extents.contains(0)
    let lowest = empty ? 0 : zip(extents, sourceStrides).reduce(0) { $0 + min(0, ($1.0 - 1) * $1.1) }
    let highest = zip(extents, sourceStrides).reduce(0) { $0 + max(0, ($1.0 - 1) * $1.1) }
    let targetCount = empty ? 1 : zip(extents, targetStrides).reduce(1) { $0 + ($1.0 - 1) * $1.1 }
    let source = (0..<(empty ? 0 : highest - lowest + 1)).map { Float($0) + 1 }
    var target = [Double](repeating: .nan, count: targetCount)
    for position in 0..<extents.reduce(1, *) {
      var (rest, from, to) = (position, -lowest, 0)
      for axis in extents.indices.reversed() {
        from += rest % extents[axis] * sourceStrides[axis]
        to += rest % extents[axis] * targetStrides[axis]
        rest /= extents[axis]
      }
      target[to] = Double(source[from])
    }
    let expected = Expectation(values: target, bounds: target.map { _ in 0 })
    KernelsTests.check("copy \(extents) from \(sourceStrides) to \(targetStrides)", expected) { table in
      let (from, to) = (Guarded(source), Guarded<Float>(count: targetCount))
      var copy = nk_copy()
      copy.rank = Int64(extents.count)
      for axis in extents.indices {
        withUnsafeMutableBytes(of: &copy.extent) { $0.assumingMemoryBound(to: Int64.self)[axis] = Int64(extents[axis]) }
        withUnsafeMutableBytes(of: &copy.source_stride) {
          $0.assumingMemoryBound(to: Int.self)[axis] = sourceStrides[axis]
        }
        withUnsafeMutableBytes(of: &copy.target_stride) {
          $0.assumingMemoryBound(to: Int.self)[axis] = targetStrides[axis]
        }
      }
      withExtendedLifetime(from) { table.copy(&copy, from.pointer - lowest, to.pointer) }
      return to.elements
    }
  }

  /// Integers travel as the bits of floats: no bit of theirs may change, signalling NaN included.
  @Test func copiesKeepAllBits() {
    let words: [UInt32] = (0..<(20 * 20)).map { 0x7F80_0001 &+ $0 &* 0x0001_0003 }
    for table in tables {
      for (row, column) in [(20, 1), (1, 20), (21, 1)] {
        let (from, to) = (Guarded(words), Guarded<UInt32>(count: 19 * row + 19 * column + 1))
        var copy = nk_copy()
        copy.rank = 2
        (copy.extent.0, copy.extent.1) = (20, 20)
        (copy.source_stride.0, copy.source_stride.1) = (20, 1)
        (copy.target_stride.0, copy.target_stride.1) = (row, column)
        withExtendedLifetime(from) { table.copy(&copy, from.pointer, to.pointer) }
        let copied = to.elements
        for i in 0..<20 { for j in 0..<20 { #expect(copied[i * row + j * column] == words[i * 20 + j]) } }
      }
    }
  }
}
