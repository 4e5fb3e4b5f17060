import NunchiImages

/// Pictures that are the same, by their bytes or by what they show.
package struct DuplicateGroup: Sendable {
  package enum Kind: String, Sendable, Hashable {
    /// The same bytes.
    case exact
    /// The same picture in other bytes.
    case near
  }

  /// What a group lies across, the worst of it: the same picture in two classes is a contradiction.
  package enum Across: String, Sendable, Hashable {
    case none, split
    case labels = "class"
  }

  package let kind: Kind
  /// Places in the list of pictures, ascending.
  package let members: [Int]
  /// What holds a near group together.
  package let pairs: [NearPair]
  package let across: Across
}

/// All duplicates of an examined data set.
package struct Duplicates: Sendable {
  /// Exact groups, then near ones; a near group also lists the exact copies of its members.
  package let groups: [DuplicateGroup]
  /// For each picture the number of the group of all that are alike in any way: pictures that must share a split.
  package let components: [Int]

  package init(
    _ examination: Examination, threads: Int, isStopped: @escaping @Sendable () -> Bool = { false }
  ) {
    let pictures = examination.pictures
    let exact = Self.exact(pictures)
    // Small gray drawings of one kind, such as digits, are alike in all that a signature holds.
    let isDrawings = examination.subject.kind == .dataset(.idx)
    // One picture stands for all its exact copies.
    var standing = pictures.indices.map { isDrawings ? nil : pictures[$0].pixels?.signature }
    for group in exact { for copy in group.dropFirst() { standing[copy] = nil } }
    let pairs = NearDuplicates(standing).pairs(threads: threads, isStopped: isStopped)
    var sets = DisjointSets(pictures.count)
    for group in exact { for copy in group.dropFirst() { sets.join(group[0], copy) } }
    for pair in pairs { sets.join(pair.first, pair.second) }
    components = pictures.indices.map { sets.root($0) }
    let components = components
    let linked = Dictionary(grouping: pairs) { components[$0.first] }
    let members = Dictionary(grouping: pictures.indices) { components[$0] }
    let near = linked.keys.sorted().map { (members[$0]!, linked[$0]!) }
    func group(_ kind: DuplicateGroup.Kind, _ members: [Int], _ pairs: [NearPair]) -> DuplicateGroup {
      DuplicateGroup(kind: kind, members: members, pairs: pairs, across: Self.across(members.map { pictures[$0] }))
    }
    groups = exact.map { group(.exact, $0, []) } + near.map { group(.near, $0, $1) }
  }

  private static func across(_ pictures: [CheckedPicture]) -> DuplicateGroup.Across {
    if Set(pictures.map(\.label)).count > 1 { return .labels }
    return Set(pictures.map(\.split)).count > 1 ? .split : .none
  }

  /// Readable pictures of equal content.
  private static func exact(_ pictures: [CheckedPicture]) -> [[Int]] {
    let readable = pictures.indices.filter { pictures[$0].pixels != nil }
    return Dictionary(grouping: readable) { pictures[$0].pixels!.content }.values.filter { $0.count > 1 }
      .sorted { $0[0] < $1[0] }
  }
}

/// Sets that grow together; the least member stands for its set.
struct DisjointSets {
  private var parents: [Int]

  init(_ count: Int) { parents = Array(0..<count) }

  mutating func root(_ index: Int) -> Int {
    var root = index
    while parents[root] != root {
      parents[root] = parents[parents[root]]
      root = parents[root]
    }
    return root
  }

  mutating func join(_ one: Int, _ other: Int) {
    let (first, second) = (root(one), root(other))
    parents[max(first, second)] = min(first, second)
  }
}
