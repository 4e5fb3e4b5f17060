import NunchiGraph
import NunchiTensors

/// Lowers a graph to drafts: assigns each value a slot, chooses kernels and fusions, and records what each step reads and
/// writes.
struct Compiler {
  let graph: Graph
  let layout: WeightsLayout
  /// Whether convolutions may use Winograd's algorithm, a numeric class of its own.
  let allowsWinograd: Bool
  let tuning: Tuning
  private(set) var drafts: [Draft] = []
  /// Bytes of each workspace buffer, and whether it must survive the run.
  private(set) var buffers: [(bytes: Int, pinned: Bool)] = []
  private(set) var constants: [Tensor] = []
  private(set) var constantBytes = 0
  /// Bytes of inputs, parameters, gradients and constants, which are not workspace buffers.
  private var fixedBytes: [Slot: Int] = [:]
  private var slots: [Slot?]
  private let users: [[Int]]
  private let live: [Bool]
  private let kept: Set<ValueID>
  /// Nodes fused into the step of an earlier node.
  private var fused: Set<Int> = []
  /// The node that is being lowered.
  private var current = 0
  private var inputs: [String: Int] = [:]
  var fusions = Fusions()

  init(_ graph: Graph, layout: WeightsLayout, allowsWinograd: Bool, tuning: Tuning) {
    self.graph = graph
    self.layout = layout
    self.allowsWinograd = allowsWinograd
    self.tuning = tuning
    slots = [Slot?](repeating: nil, count: graph.values.count)
    kept = Set(
      graph.outputs.map(\.value) + graph.gradients.map(\.value) + graph.assignments.map(\.value))
    live = Self.liveNodes(graph, kept)
    var users = [[Int]](repeating: [], count: graph.values.count)
    for (index, node) in graph.nodes.enumerated() where live[index] {
      for input in node.inputs { users[input].append(index) }
    }
    self.users = users
    bindLeaves()
    bindResults()
    for index in graph.nodes.indices where live[index] && !fused.contains(index) {
      current = index
      lower(index)
    }
    finishGradients()
  }

  /// Nodes that a kept value depends on.
  private static func liveNodes(_ graph: Graph, _ kept: Set<ValueID>) -> [Bool] {
    var needed = graph.values.indices.map(kept.contains)
    var live = [Bool](repeating: false, count: graph.nodes.count)
    for index in graph.nodes.indices.reversed() where graph.nodes[index].outputs.contains(where: { needed[$0] }) {
      live[index] = true
      for input in graph.nodes[index].inputs { needed[input] = true }
    }
    return live
  }

  // MARK: Slots

  private mutating func bindLeaves() {
    for (index, input) in graph.inputs.enumerated() {
      slots[input.value] = fixed(.inputs, index, bytes: graph.type(input.value))
    }
    for (id, entry) in graph.values.enumerated() {
      switch entry.source {
      case .input, .node: break
      case .parameter(let parameter):
        let place = layout.entry(parameter)!
        let space: Space = place.segment == .statistics ? .statistics : .parameters
        slots[id] = fixed(space, place.offset * MemoryLayout<Float>.size, bytes: entry.type)
      case .constant(let tensor): slots[id] = constant(tensor)
      }
    }
  }

  /// Gradients and new statistics are computed straight into their arenas.
  private mutating func bindResults() {
    for (list, space) in [(graph.gradients, Space.gradients), (graph.assignments, .statistics)] {
      for bound in list where slots[bound.value] == nil {
        slots[bound.value] = fixed(
          space, layout.entry(bound.parameter)!.offset * MemoryLayout<Float>.size, bytes: graph.type(bound.value))
      }
    }
  }

  /// Copies gradients whose value already has another slot: shared by two parameters, a constant, or an alias.
  private mutating func finishGradients() {
    for bound in graph.gradients {
      let target = fixed(
        .gradients, layout.entry(bound.parameter)!.offset * MemoryLayout<Float>.size, bytes: graph.type(bound.value))
      guard let source = slots[bound.value], source != target else { continue }
      addCopy("gradient", from: source, to: target, shape: bound.parameter.shape)
    }
  }

  mutating func constant(_ tensor: Tensor) -> Slot {
    let offset = constantBytes
    let bytes = tensor.shape.count * tensor.dataType.size
    constants.append(tensor)
    constantBytes += bytes.roundedUp(toMultipleOf: 64)
    fixedBytes[.fixed(.constants, offset)] = bytes
    return .fixed(.constants, offset)
  }

  private mutating func fixed(_ space: Space, _ offset: Int, bytes type: ValueType) -> Slot {
    fixedBytes[.fixed(space, offset)] = type.shape.count * type.dataType.size
    return .fixed(space, offset)
  }

  /// The size of what a slot holds, for the full batch.
  func bytes(_ slot: Slot) -> Int {
    if case .buffer(let index) = slot { buffers[index].bytes } else { fixedBytes[slot]! }
  }

  /// What the step costs.
  func cost(_ draft: Draft, _ part: StepCost.Part) -> StepCost {
    let touched = Array(Set(draft.reads)) + Array(Set(draft.writes))
    return StepCost(
      part: part, name: draft.name, problem: draft.problem, tasks: draft.tasks, multiplyAdds: draft.multiplyAdds,
      bytes: draft.bytes ?? touched.reduce(0) { $0 + bytes($1) })
  }

  /// Scratch memory between steps.
  mutating func buffer(_ bytes: Int, pinned: Bool = false) -> Slot {
    buffers.append((bytes, pinned))
    return .buffer(buffers.count - 1)
  }

  mutating func buffer(floats: Int) -> Slot { buffer(floats * MemoryLayout<Float>.size) }

  func slot(_ value: ValueID) -> Slot { slots[value]! }

  /// The rows that the graph was traced with.
  var batch: Int { graph.inputs.lazy.map { graph.type($0.value) }.first(where: \.batched)?.shape[0] ?? 1 }

  /// The slot that a result goes to, made at its first use.
  mutating func result(_ value: ValueID) -> Slot {
    if let slot = slots[value] { return slot }
    let type = graph.type(value)
    let slot = buffer(type.shape.count * type.dataType.size, pinned: kept.contains(value))
    slots[value] = slot
    return slot
  }

  /// Makes `value` an alias of `original`'s memory.
  mutating func alias(_ value: ValueID, _ original: ValueID) {
    if let target = slots[value] {
      let type = graph.type(value)
      precondition(type.dataType.size == 4, "a kept alias of bytes")
      addCopy("copy", from: slot(original), to: target, shape: type.shape)
    } else {
      slots[value] = slots[original]
      if kept.contains(value), case .buffer(let index) = slots[original]! { buffers[index].pinned = true }
    }
  }

  mutating func add(_ draft: Draft) { drafts.append(draft) }

  // MARK: Fusion

  /// The consumers of `value`; a node that reads it twice is listed twice.
  func users(_ value: ValueID) -> [Int] { users[value] }

  /// Whether the value is a result of the graph: an output, a gradient or a new statistic.
  func isKept(_ value: ValueID) -> Bool { kept.contains(value) }

  /// The only consumer of `value`, if the value is not kept.
  func soleUser(_ value: ValueID) -> Int? {
    guard users[value].count == 1, !kept.contains(value) else { return nil }
    return users[value][0]
  }

  mutating func fuse(_ node: Int) { fused.insert(node) }

  /// Fuses a ReLU that is the only consumer of `value` into its producer. Gives the value that the fused step writes.
  mutating func fusedReLU(_ value: ValueID) -> (result: ValueID, relu: Bool) {
    guard let index = soleUser(value), case .map(let map) = graph.nodes[index].operation, map.function == .relu else {
      return (value, false)
    }
    fuse(index)
    return (graph.nodes[index].outputs[0], true)
  }

  /// What is fused behind a product: a bias per channel, an addend of the same shape, a ReLU.
  struct Tail {
    var result: ValueID
    var bias: ValueID?
    var addend: ValueID?
    var relu = false

    /// The suffix of the step's name.
    var suffix: String { (bias == nil ? "" : "+bias") + (addend == nil ? "" : "+add") + (relu ? "+relu" : "") }
  }

  mutating func fusedTail(_ value: ValueID, addends: Bool = true) -> Tail {
    var tail = Tail(result: value)
    let shape = graph.type(value).shape
    if let (sum, bias) = sum(of: value, and: [shape.channels]) { (tail.result, tail.bias) = (sum, bias) }
    if addends, let (sum, addend) = sum(of: tail.result, and: shape) { (tail.result, tail.addend) = (sum, addend) }
    (tail.result, tail.relu) = fusedReLU(tail.result)
    return tail
  }

  /// Fuses a sum that is the only consumer of `value` into its producer, where the other term has the given shape and is
  /// computed earlier.
  private mutating func sum(of value: ValueID, and shape: Shape) -> (result: ValueID, term: ValueID)? {
    guard let index = soleUser(value), case .binary(let binary) = graph.nodes[index].operation, binary.kind == .add
    else { return nil }
    let inputs = graph.nodes[index].inputs
    let term = inputs[0] == value ? inputs[1] : inputs[0]
    guard isReady(term), graph.type(term).shape == shape else { return nil }
    fuse(index)
    return (graph.nodes[index].outputs[0], term)
  }

  /// The addend whose memory the result may reuse, unless the step also reads it as another operand.
  func inPlace(_ addend: Slot?, _ result: Slot, _ reads: [Slot]) -> (input: Slot, output: Slot)? {
    guard let addend, !reads.contains(addend) else { return nil }
    return (addend, result)
  }

  /// Whether the value is a leaf or already has a producing step.
  func isLowered(_ value: ValueID) -> Bool { slots[value] != nil }

  /// Whether the step being built can read the value: a leaf, or the result of an earlier node.
  private func isReady(_ value: ValueID) -> Bool {
    guard slots[value] != nil else { return false }
    if case .node(let producer, _)? = graph.source(value) { return producer < current }
    return true
  }
}
