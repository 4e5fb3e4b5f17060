import NunchiTensors

/// The drafts in the order in which they run, and how long each buffer lives.
struct Schedule {
  private(set) var preparation: [Draft] = []
  private(set) var main: [Draft] = []
  /// Lifetimes, by root buffer.
  private(set) var buffers: [MemoryPlan.Buffer] = []
  /// The buffer whose memory each buffer uses: itself, or the one it took over in place.
  private(set) var roots: [Int] = []
  private(set) var scratch = 0

  init(_ compiler: Compiler, chains: PlanOptions.Chains, checked: Bool) {
    // Holds what depends on the weights alone; and: was written by preparation at all.
    var prepared = [Bool](repeating: false, count: compiler.buffers.count)
    var touched = prepared
    for draft in compiler.drafts {
      if !draft.dependsOnRun, draft.reads.allSatisfy({ Self.dependsOnWeightsAlone($0, prepared) }),
        draft.writes.allSatisfy(Self.isBuffer)
      {
        for case .buffer(let index) in draft.writes { (prepared[index], touched[index]) = (true, true) }
        preparation.append(draft)
      } else {
        for case .buffer(let index) in draft.writes { prepared[index] = false }
        main.append(draft)
      }
    }
    let groups = Chain.groups(main, chains, batch: compiler.batch, bytes: compiler.bytes)
    main = groups.flatMap { $0 }
    measure(compiler.buffers, touched)
    join(groups, compiler, checked)
    if checked { poison() }
    scratch = (preparation + main).map(\.scratch).max() ?? 0
  }

  private static func dependsOnWeightsAlone(_ slot: Slot, _ prepared: [Bool]) -> Bool {
    switch slot {
    case .buffer(let index): prepared[index]
    case .fixed(let space, _): space == .parameters || space == .statistics || space == .constants
    }
  }

  private static func isBuffer(_ slot: Slot) -> Bool {
    if case .buffer = slot { true } else { false }
  }

  private static func touched(_ draft: Draft) -> [Int] {
    (draft.reads + draft.writes).compactMap { if case .buffer(let index) = $0 { index } else { nil } }
  }

  private mutating func measure(_ declared: [(bytes: Int, pinned: Bool)], _ prepared: [Bool]) {
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
      // What preparation leaves for the runs to come, and what the caller reads, stays for good.
      if declared[index].pinned || (prepared[index] && buffers[index].last >= preparation.count) {
        buffers[index].first = 0
        buffers[index].last = Int.max
      }
    }
    roots = Array(buffers.indices)
    for (position, draft) in order.enumerated() { takeOver(draft, at: position) }
  }

  /// Lets an element-wise output live in its input's memory when nobody reads the input afterwards.
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

  /// Makes one draft of each group. From here on a position counts groups, and what lives within one has no place in the
  /// arena.
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

  /// Takes the buffers that only the chain at `position` touches, and only by rows, out of the arena: for each its name
  /// and those of the results in its memory.
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

  /// Fills every buffer of a run with NaN after its last use.
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
