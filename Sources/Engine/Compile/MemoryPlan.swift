import NunchiTensors

/// Places buffers in one arena so that buffers that are live at the same time do not overlap.
struct MemoryPlan {
  struct Buffer {
    var bytes: Int
    /// The first and the last step that accesses it; live between the two.
    var first: Int
    var last: Int
  }

  private(set) var offsets: [Int]
  private(set) var bytes = 0
  private static let alignment = 64

  /// Places the largest buffers first, each at the lowest offset that is free during its lifetime. `gap` bytes stay free
  /// behind each buffer.
  init(_ buffers: [Buffer], gap: Int = 0, reuse: Bool = true) {
    offsets = [Int](repeating: 0, count: buffers.count)
    let order = buffers.indices.sorted { (buffers[$0].bytes, $1) > (buffers[$1].bytes, $0) }
    var placed: [Int] = []
    for index in order where buffers[index].bytes > 0 {
      let size = (buffers[index].bytes + gap).roundedUp(toMultipleOf: Self.alignment)
      let neighbours = placed.filter {
        !reuse || (buffers[$0].first <= buffers[index].last && buffers[index].first <= buffers[$0].last)
      }
      var offset = 0
      for other in neighbours.sorted(by: { offsets[$0] < offsets[$1] }) {
        if offset + size <= offsets[other] { break }
        let end = offsets[other] + (buffers[other].bytes + gap).roundedUp(toMultipleOf: Self.alignment)
        offset = max(offset, end)
      }
      offsets[index] = offset
      bytes = max(bytes, offset + size)
      placed.append(index)
    }
  }
}
