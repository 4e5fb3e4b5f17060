import NunchiTensors

/// The drafts in the order in which they run, and the lifetime of each buffer.
struct Schedule {
  private(set) var preparation: [Draft] = []
  private(set) var main: [Draft] = []
  /// Lifetimes of root buffers.
  private(set) var buffers: [MemoryPlan.Buffer] = []
  /// The buffer whose memory each buffer uses: its own, or that of the input that it overwrites in place.
  private(set) var roots: [Int] = []
  private(set) var scratch = 0

  /// Buffers that the preparation writes for all runs; no step of the main part writes them.
  private(set) var prepared: [Bool] = []

  init(_ compiler: Compiler, chains: PlanOptions.Chains, checked: Bool) {
    let isPrepared = divide(compiler)
    let groups = Chain.groups(main, chains, batch: compiler.batch, bytes: compiler.bytes)
    main = groups.flatMap { $0 }
    measure(compiler.buffers, isPrepared)
    join(groups, compiler, checked)
    if checked { poison() }
    scratch = (preparation + main).map(\.scratch).max() ?? 0
  }

  /// Divides the drafts into the preparation, which depends on weights alone, and the main part. Gives for each buffer
  /// whether the preparation writes it.
  private mutating func divide(_ compiler: Compiler) -> [Bool] {
    // Whether a step of the main part writes the buffer, perhaps over an earlier result. Then every producer and consumer
    // of it belongs to the main part.
    var writtenByMain = [Bool](repeating: false, count: compiler.buffers.count)
    var isMain = [Bool](repeating: false, count: compiler.drafts.count)
    var changes = true
    while changes {
      changes = false
      for (index, draft) in compiler.drafts.enumerated() where !isMain[index] {
        let belongs =
          !draft.dependsOnRun && draft.reads.allSatisfy { Self.dependsOnWeightsAlone($0, writtenByMain) }
          && draft.writes.allSatisfy { if case .buffer(let index) = $0 { !writtenByMain[index] } else { false } }
        guard !belongs else { continue }
        isMain[index] = true
        changes = true
        for case .buffer(let buffer) in draft.writes { writtenByMain[buffer] = true }
      }
    }
    var isPrepared = [Bool](repeating: false, count: compiler.buffers.count)
    for (index, draft) in compiler.drafts.enumerated() {
      if isMain[index] {
        main.append(draft)
      } else {
        preparation.append(draft)
        for case .buffer(let buffer) in draft.writes { isPrepared[buffer] = true }
      }
    }
    return isPrepared
  }

  private static func dependsOnWeightsAlone(_ slot: Slot, _ writtenByMain: [Bool]) -> Bool {
    switch slot {
    case .buffer(let index): !writtenByMain[index]
    case .fixed(let space, _): space == .parameters || space == .statistics || space == .constants
    }
  }

  private static func touched(_ draft: Draft) -> [Int] {
    (draft.reads + draft.writes).compactMap { if case .buffer(let index) = $0 { index } else { nil } }
  }

  private mutating func measure(_ declared: [(bytes: Int, pinned: Bool)], _ isPrepared: [Bool]) {
    let order = preparation + main
    buffers = declared.map { MemoryPlan.Buffer(bytes: $0.bytes, first: Int.max, last: -1) }
    for (position, draft) in order.enumerated() {
      for index in Self.touched(draft) {
        buffers[index].first = min(buffers[index].first, position)
        buffers[index].last = max(buffers[index].last, position)
      }
    }
    for index in buffers.indices {
      if buffers[index].last < 0 { buffers[index] = .init(bytes: 0, first: 0, last: 0) }
      // Prepared buffers that the main part reads, and outputs, stay live for good.
      prepared.append(isPrepared[index] && (declared[index].pinned || buffers[index].last >= preparation.count))
      if declared[index].pinned || prepared[index] {
        buffers[index].first = 0
        buffers[index].last = Int.max
      }
    }
    roots = Array(buffers.indices)
    for (position, draft) in order.enumerated() { takeOver(draft, at: position) }
  }

  /// Lets an element-wise output reuse its input's memory if this is the input's last use.
  private mutating func takeOver(_ draft: Draft, at position: Int) {
    guard case (.buffer(let input), .buffer(let output))? = draft.inPlace else { return }
    let root = roots[input]
    guard buffers[root].last == position, buffers[output].first == position, buffers[output].last != Int.max,
      buffers[output].bytes <= buffers[root].bytes, roots[output] == output
    else { return }
    roots[output] = root
    buffers[root].last = buffers[output].last
    buffers[output].bytes = 0
  }

  // MARK: Chains

  /// Joins each group into one draft. From here on positions count groups, and buffers local to a group need no place in
  /// the arena.
  private mutating func join(_ groups: [[Draft]], _ compiler: Compiler, _ checked: Bool) {
    var places = Array(preparation.indices)
    for (index, group) in groups.enumerated() {
      places += [Int](repeating: preparation.count + index, count: group.count)
    }
    for index in buffers.indices where buffers[index].last != Int.max && !places.isEmpty {
      buffers[index].first = places[buffers[index].first]
      buffers[index].last = places[buffers[index].last]
    }
    main = groups.enumerated().map { index, group in
      guard group.count > 1 else { return group[0] }
      let locals = takeOut(group, at: preparation.count + index, compiler)
      return Chain.draft(group, locals: locals, batch: compiler.batch, bytes: compiler.bytes, checked: checked)
    }
  }

  /// Removes the buffers that only the chain at `position` accesses, and only by rows, from the arena. Gives for each its
  /// index and those of the buffers that share its memory.
  private mutating func takeOut(_ chain: [Draft], at position: Int, _ compiler: Compiler) -> [[Int]] {
    let shared = Set(chain.flatMap { $0.rowwise!.shared })
    return buffers.indices.compactMap { root in
      guard roots[root] == root, buffers[root].first == position, buffers[root].last == position,
        buffers[root].bytes > 0, !shared.contains(.buffer(root))
      else { return nil }
      let names = buffers.indices.filter { roots[$0] == root }
      let bytes = Set(names.map { compiler.bytes(.buffer($0)) })
      guard bytes.count == 1, bytes.first!.isMultiple(of: compiler.batch) else { return nil }
      buffers[root].bytes = 0
      return names
    }
  }

  /// Adds steps that fill every buffer with NaN after its last use.
  private mutating func poison() {
    var order: [Draft] = []
    for (offset, draft) in main.enumerated() {
      order.append(draft)
      for index in buffers.indices
      where roots[index] == index && buffers[index].last == preparation.count + offset && buffers[index].bytes > 0 {
        let count = buffers[index].bytes / MemoryLayout<Float>.size
        order.append(
          Draft(
            "poison", reads: [], writes: [.buffer(index)], tasks: max(1, count.dividedRoundingUp(by: elementsPerTask))
          ) {
            .fill(FillStep(value: .nan, y: $0(.buffer(index)), extent: .fixed(count)))
          })
      }
    }
    main = order
  }
}
