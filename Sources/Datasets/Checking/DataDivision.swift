import NunchiImages
import NunchiSystem

/// A data set divided anew, so that copies and groups stay together.
package struct DataDivision: Sendable {
  package struct Settings: Sendable {
    package var seed: UInt64
    package var fractions: SplitFractions
    /// Whether pictures that only look alike count as copies.
    package var nearDuplicates: Bool

    package init(seed: UInt64 = 0, fractions: SplitFractions = SplitFractions(), nearDuplicates: Bool = true) {
      self.seed = seed
      self.fractions = fractions
      self.nearDuplicates = nearDuplicates
    }
  }

  /// One picture and its place.
  package struct Row: Sendable {
    package let item: Dataset.Item
    package let split: Split
    /// The name of its group; `nil` for a picture that stands alone.
    package let group: String?
  }

  private let path: String
  package let classes: [String]
  /// In the order of the data set.
  package let rows: [Row]
  package let groups: Int
  package let warnings: [String]

  /// - Parameter group: the group of a path; `nil` where the path belongs to none.
  package init(
    _ examination: Examination, _ duplicates: Duplicates, _ settings: Settings, group: (String) -> String?
  ) throws(SplitRefusal) {
    let readable = examination.pictures.indices.filter { examination.pictures[$0].pixels != nil }
    let items = readable.map { index -> Dataset.Item in
      guard case .item(let item) = examination.subject.entries[index].source else {
        preconditionFailure("a readable picture of a data set is one of its items")
      }
      return item
    }
    let grouping = Grouping(readable, items, duplicates, near: settings.nearDuplicates, group)
    let splitter = Splitter(seed: settings.seed, fractions: settings.fractions)
    var (places, wanted) = splitter.places(items, groups: grouping.numbers, training: grouping.contradictions)
    let movable = Dictionary(
      grouping: items.indices.filter { !grouping.contradictions.contains(grouping.numbers[$0]) }
    ) { grouping.numbers[$0] }
    var balancing = Balancing(
      items: items, groups: splitter.ranked(movable.values, items), classes: examination.subject.classes.count,
      wanted: wanted, places: places)
    balancing.improve()
    places = balancing.places
    try Self.check(items, places, grouping, settings.fractions, examination.subject.classes, examination.subject.path)
    path = examination.subject.path
    classes = examination.subject.classes
    let sizes = Dictionary(grouping: grouping.numbers) { $0 }.mapValues(\.count)
    rows = items.indices.map { index in
      let number = grouping.numbers[index]
      let isAlone = sizes[number] == 1 && grouping.names[index] == nil
      return Row(
        item: items[index], split: places[index],
        group: isAlone ? nil : grouping.names[index] ?? grouping.names[number] ?? items[number].identity)
    }
    groups = sizes.count
    warnings = Self.warnings(examination, grouping)
  }

  /// The list to train from: paths as they open from the current folder.
  package func manifest() throws(SplitRefusal) -> Manifest {
    var entries: [Manifest.Entry] = []
    for row in rows {
      guard let file = Manifest.path(of: row.item) else { throw SplitRefusal(.notFiles, path: path) }
      entries.append(Manifest.Entry(path: file, label: classes[row.item.label], split: row.split, group: row.group))
    }
    return Manifest(entries: entries)
  }

  /// How many pictures of each class the split has.
  package func counts(_ split: Split) -> [Int] {
    var counts = [Int](repeating: 0, count: classes.count)
    for row in rows where row.split == split { counts[row.item.label] += 1 }
    return counts
  }

  private static func warnings(_ examination: Examination, _ grouping: Grouping) -> [String] {
    var warnings: [String] = []
    let bad = examination.pictures.count { $0.pixels == nil }
    if bad > 0 { warnings.append("\(bad) of \(examination.pictures.count) files cannot be used and are left out") }
    if examination.subject.isDivided { warnings.append("the data are divided already; all splits are divided anew") }
    if !grouping.contradictions.isEmpty {
      let count = grouping.contradictions.count
      warnings.append(
        "\(count == 1 ? "1 group holds" : "\(count) groups hold") copies of one picture in several classes and "
          + "\(count == 1 ? "goes" : "go") to training: see nunchi data check")
    }
    if grouping.hasNames, grouping.unnamed > 0 {
      warnings.append("\(grouping.unnamed) pictures match no group and stand alone")
    }
    return warnings
  }

  /// Every class is in every split that was asked for.
  private static func check(
    _ items: [Dataset.Item], _ places: [Split], _ grouping: Grouping, _ fractions: SplitFractions, _ classes: [String],
    _ path: String
  ) throws(SplitRefusal) {
    let asked = [(Split.train, 1.0), (.validation, fractions.validation), (.test, fractions.test)].filter { $0.1 > 0 }
    for (label, name) in classes.enumerated() {
      let members = items.indices.filter { items[$0].label == label }
      for (split, _) in asked where !members.contains(where: { places[$0] == split }) {
        let reason = SplitRefusal.Reason.tooFewGroups(
          name: name, missing: split, images: members.count,
          groups: Set(members.map { grouping.numbers[$0] }).count, splits: asked.count)
        throw SplitRefusal(reason, path: path)
      }
    }
  }
}

extension Manifest {
  /// The groups that the list at `path` names, by the identity of the picture; none where there is no list.
  package static func groups(path: String) throws(DatasetError) -> [String: String] {
    guard FileStatus.isFile(path), Form(path: path) != nil else { return [:] }
    let list = try Manifest(path: path)
    let named = zip(list.spellings, list.entries).compactMap { spelling, entry in
      entry.group.map { (spelling.composed, $0) }
    }
    return Dictionary(named) { first, _ in first }
  }
}

/// Why a data set cannot be divided as asked.
package struct SplitRefusal: Error, Sendable, Hashable, CustomStringConvertible {
  package enum Reason: Sendable, Hashable {
    /// The class would not be in the split `missing`.
    case tooFewGroups(name: String, missing: Split, images: Int, groups: Int, splits: Int)
    /// Pictures in arrays have no paths that a list could name.
    case notFiles
  }

  package let reason: Reason
  package let path: String

  init(_ reason: Reason, path: String) {
    self.reason = reason
    self.path = path
  }

  /// The sentence without its remedy.
  package var problem: String {
    switch reason {
    case .tooFewGroups(let name, let missing, let images, let groups, let splits):
      "\(path): expected at least \(splits) groups of the class '\(name)' that can be held back, one for each split, "
        + "found \(groups) (\(images) images): nothing of it would be in the \(missing.rawValue) split"
    case .notFiles: "\(path): expected pictures in files, which a list can name, found an array of pictures"
    }
  }

  package var remedy: String {
    switch reason {
    case .tooFewGroups(let name, _, _, _, _): "group more finely, ask for fewer splits, or add images of '\(name)'"
    case .notFiles: "nunchi train divides arrays itself, with --validation and --test"
    }
  }

  package var description: String { problem + "; " + remedy }
}

/// Which items stay together.
private struct Grouping {
  /// The least item of each item's group.
  let numbers: [Int]
  /// The groups that paths were given.
  let names: [String?]
  /// Groups with copies of one picture in several classes.
  let contradictions: Set<Int>

  var hasNames: Bool { names.contains { $0 != nil } }
  var unnamed: Int { names.count { $0 == nil } }

  init(
    _ readable: [Int], _ items: [Dataset.Item], _ duplicates: Duplicates, near: Bool, _ group: (String) -> String?
  ) {
    let places = Dictionary(uniqueKeysWithValues: readable.enumerated().map { ($1, $0) })
    var sets = DisjointSets(items.count)
    var contradicting: [Int] = []
    for copies in duplicates.groups where near || copies.kind == .exact {
      let members = copies.members.map { places[$0]! }
      for member in members.dropFirst() { sets.join(members[0], member) }
      if copies.across == .labels { contradicting.append(members[0]) }
    }
    names = items.map { group($0.identity) }
    var first: [String: Int] = [:]
    for (index, name) in names.enumerated() {
      guard let name else { continue }
      sets.join(first[name] ?? index, index)
      first[name] = first[name] ?? index
    }
    numbers = items.indices.map { sets.root($0) }
    contradictions = Set(contradicting.map { sets.root($0) })
  }
}

/// Brings the counts of each class nearer to what is wanted than the first placing could, where groups are large.
private struct Balancing {
  private let groups: [Group]
  private let wanted: [Split: [Int]]
  private var counts: [Split: [Int]]
  private(set) var places: [Split]

  /// Items that may move together.
  private struct Group {
    let members: [Int]
    /// How many of each class, by ascending class.
    let counts: [(label: Int, count: Int)]
  }

  init(items: [Dataset.Item], groups: [[Int]], classes: Int, wanted: [Split: [Int]], places: [Split]) {
    self.groups = groups.map { members in
      let counts = Dictionary(grouping: members) { items[$0].label }.mapValues(\.count)
      return Group(members: members, counts: counts.sorted { $0.key < $1.key }.map { (label: $0.key, count: $0.value) })
    }
    self.wanted = wanted
    self.places = places
    counts = Dictionary(uniqueKeysWithValues: Split.allCases.map { ($0, [Int](repeating: 0, count: classes)) })
    for (item, place) in zip(items, places) { counts[place]![item.label] += 1 }
  }

  /// Groups that are still in training move where that makes the miss smaller, or where a class would be missing.
  mutating func improve() {
    for group in groups where places[group.members[0]] == .train {
      if let split = [Split.test, .validation].first(where: { gains(group, $0) && leavesTraining(group) }) {
        move(group, to: split)
      }
    }
    for split in [Split.test, .validation] {
      for (label, want) in wanted[split]!.enumerated() where want > 0 && counts[split]![label] == 0 {
        let fitting = groups.filter { group in
          places[group.members[0]] == .train && group.counts.contains { $0.label == label } && leavesTraining(group)
        }
        if let smallest = fitting.min(by: { $0.members.count < $1.members.count }) { move(smallest, to: split) }
      }
    }
  }

  private mutating func move(_ group: Group, to split: Split) {
    for index in group.members { places[index] = split }
    for (label, count) in group.counts {
      counts[.train]![label] -= count
      counts[split]![label] += count
    }
  }

  private func gains(_ group: Group, _ split: Split) -> Bool {
    let change = group.counts.reduce(0) { sum, part in
      let missing = wanted[split]![part.label] - counts[split]![part.label]
      return sum + abs(missing - part.count) - abs(missing)
    }
    return change < 0
  }

  private func leavesTraining(_ group: Group) -> Bool {
    group.counts.allSatisfy { counts[.train]![$0.label] > $0.count }
  }
}
