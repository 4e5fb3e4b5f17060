/// Steps that run together on a few rows of the batch at a time, so that intermediate results stay in the second-level
/// cache. Each member can be split by rows, and a row of its result depends on the same row of the other members' results.
///
/// A step that needs the whole batch (a loss, batch statistics) ends a chain. So does a matrix product: its tiles span
/// many rows, and its weights would be read again for every block.
struct Chain {
  private(set) var members: [Draft] = []
  private let batch: Int
  private let bytes: (Slot) -> Int
  /// What members write.
  private var written: Set<Slot> = []
  /// What members access row by row, and what they access as a whole.
  private var byRow: Set<Slot> = []
  private var shared: Set<Slot> = []
  /// Rows of a task, where a member sums that many rows into one result.
  private var chunk: Int?
  /// Bytes accessed for each row, and bytes shared by all rows.
  private var rowBytes = 0
  private var sharedBytes = 0
  private var scratch = 0
  /// Bytes of results that other members consume.
  private var intermediateBytes = 0

  /// The most bytes a chain may access for a block of rows: a share of the second-level cache.
  private static let cacheBytes = 1 << 20
  /// Smaller batches have too few rows to keep several threads busy; their steps are split more finely than by rows.
  private static let fewestRows = 16
  /// Tasks of a chain where no member prescribes the rows of a task.
  private static let tasks = 16

  private init(batch: Int, bytes: @escaping (Slot) -> Int) {
    self.batch = batch
    self.bytes = bytes
  }

  /// The drafts in an order in which they can run, grouped into chains; drafts outside any chain form groups of one. A
  /// draft between members that cannot join the chain, and that no later member depends on, moves behind it.
  static func groups(
    _ drafts: [Draft], _ wanted: PlanOptions.Chains, batch: Int, bytes: @escaping (Slot) -> Int
  ) -> [[Draft]] {
    let leastBytes: Int
    switch wanted {
    case .never: return drafts.map { [$0] }
    case .whereFaster:
      guard batch >= fewestRows else { return drafts.map { [$0] } }
      // Intermediate results of the whole batch that fit the cache gain nothing.
      leastBytes = cacheBytes
    case .wherePossible: leastBytes = 0
    }
    var groups: [[Draft]] = []
    var rest = drafts[...]
    while let first = rest.first {
      let (chain, others) = grow(Chain(batch: batch, bytes: bytes), rest)
      if chain.members.count > 1, chain.intermediateBytes >= leastBytes {
        groups.append(chain.members)
        rest = others[...]
      } else {
        groups.append([first])
        rest = rest.dropFirst()
      }
    }
    return groups
  }

  private static func grow(_ start: Chain, _ drafts: ArraySlice<Draft>) -> (chain: Chain, others: [Draft]) {
    var (chain, others) = (start, [Draft]())
    for (index, draft) in zip(drafts.indices, drafts) {
      guard let rows = draft.rowwise else {
        others.append(draft)
        continue
      }
      if others.contains(where: { draft.depends(on: $0) }) || !chain.append(draft, rows) {
        return (chain, others + drafts[index...])
      }
    }
    return (chain, others)
  }

  /// Adds the draft if it can be part of the chain.
  private mutating func append(_ draft: Draft, _ rows: Rowwise) -> Bool {
    let own = Set(draft.reads + draft.writes).subtracting(rows.shared)
    guard own.isDisjoint(with: shared), byRow.isDisjoint(with: rows.shared), written.isDisjoint(with: rows.shared),
      chunk == nil || rows.chunk == nil || chunk == rows.chunk
    else { return false }
    var longer = self
    longer.members.append(draft)
    longer.chunk = chunk ?? rows.chunk
    longer.scratch = max(scratch, draft.scratch)
    // A result written in place needs no memory of its own.
    for slot in own.subtracting(byRow) where slot != draft.inPlace?.output { longer.rowBytes += bytes(slot) / batch }
    // A task writes one row of the partial sums.
    for slot in Set(rows.shared).subtracting(shared) {
      longer.sharedBytes += draft.writes.contains(slot) ? bytes(slot) / draft.tasks : bytes(slot)
    }
    for slot in Set(draft.reads).intersection(written) { longer.intermediateBytes += bytes(slot) }
    longer.byRow.formUnion(own)
    longer.shared.formUnion(rows.shared)
    longer.written.formUnion(draft.writes)
    guard longer.rowBytes + longer.sharedBytes + longer.scratch <= Self.cacheBytes else { return false }
    self = longer
    return true
  }

  /// The rows of a task and of a block.
  private var extents: (chunk: Int, block: Int) {
    let fitting = (Self.cacheBytes - sharedBytes - scratch) / max(rowBytes, 1)
    guard let chunk else {
      let rows = max(1, min(fitting, batch / Self.tasks))
      return (rows, rows)
    }
    // Blocks of about the same size.
    return (chunk, chunk.dividedRoundingUp(by: chunk.dividedRoundingUp(by: min(fitting, chunk))))
  }
}

extension Chain {
  /// The members of one group as a single draft.
  ///
  /// - Parameter locals: buffers that only this chain accesses, those that share memory as one list. They hold the rows of
  ///   one block, in the worker's scratch memory.
  static func draft(
    _ members: [Draft], locals: [[Int]], batch: Int, bytes: @escaping (Slot) -> Int, checked: Bool
  ) -> Draft {
    var chain = Chain(batch: batch, bytes: bytes)
    for member in members { precondition(chain.append(member, member.rowwise!)) }
    let (chunk, block) = chain.extents
    var end = chain.scratch.roundedUp(toMultipleOf: 64)
    let table = end
    end += (locals.count * MemoryLayout<UnsafeMutableRawPointer>.size).roundedUp(toMultipleOf: 64)
    let places = locals.map { buffers in
      let place = LocalRows(offset: end, rowBytes: bytes(.buffer(buffers[0])) / batch)
      end += (block * place.rowBytes).roundedUp(toMultipleOf: 64)
      return place
    }
    let inside = Set(locals.joined().map(Slot.buffer))
    let reads = Set(members.flatMap(\.reads)).subtracting(inside)
    let writes = Set(members.flatMap(\.writes)).subtracting(inside)
    return Draft(
      "chain", "blocks of \(block): " + members.map(\.name).joined(separator: ", "), reads: Array(reads),
      writes: Array(writes), tasks: batch.dividedRoundingUp(by: chunk), scratch: end,
      multiplyAdds: members.reduce(0) { $0 + $1.multiplyAdds }
    ) { link in
      for (place, buffers) in locals.enumerated() { for buffer in buffers { link.locals[buffer] = place } }
      let steps = members.map { $0.make(&link) }
      link.locals = [:]
      return .chain(
        ChainStep(
          steps: link.table(steps), count: steps.count, chunk: chunk, block: block, locals: link.table(places),
          localCount: places.count, table: table, poisons: checked))
    }
  }
}

extension Draft {
  /// Whether the draft must run after `other`, which stands before it.
  fileprivate func depends(on other: Draft) -> Bool {
    let writes = Set(writes)
    return !writes.isDisjoint(with: other.reads) || !writes.isDisjoint(with: other.writes)
      || !Set(reads).isDisjoint(with: other.writes)
  }
}
