import NunchiImages

/// Some pictures of each class, at equal distances in the list, the same every time.
package struct ClassSamples: Sendable {
  package struct Row: Sendable {
    /// The class; `nil` where there are none.
    package let name: String?
    /// How many pictures there are.
    package let count: Int
    package let pictures: [Image]
  }

  package let rows: [Row]
  /// Pictures that were chosen and could not be read.
  package let unreadable: Int

  /// - Parameter each: at most so many of each class.
  package init(_ subject: CheckSubject, each: Int) {
    let items = subject.entries.indices.filter { index in
      if case .stray = subject.entries[index].source { false } else { true }
    }
    let byLabel = Dictionary(grouping: items) { subject.entries[$0].label }
    var unreadable = 0
    rows = byLabel.sorted { ($0.key ?? -1) < ($1.key ?? -1) }.map { label, members in
      let taken = min(each, members.count)
      let pictures = (0..<taken).compactMap { place -> Image? in
        let picture = try? subject.picture(members[place * members.count / taken])
        if picture == nil { unreadable += 1 }
        return picture
      }
      return Row(name: label.map { subject.classes[$0] }, count: members.count, pictures: pictures)
    }
    self.unreadable = unreadable
  }
}
