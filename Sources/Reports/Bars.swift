/// Horizontal bars, one per row: a name, a bar of one or more parts, and a value.
package struct Bars {
  /// A part of a bar.
  package struct Part {
    /// The share of the full length, 0 to 1.
    let share: Double
    let kind: Kind

    package enum Kind {
      case plain, warning
      /// The colour of a class or split.
      case coloured(Int)
    }

    package init(share: Double, kind: Kind = .plain) {
      self.share = min(max(share, 0), 1)
      self.kind = kind
    }
  }

  private var html = ""

  package init() {}

  /// - Parameter mark: the position of a line across the bar, 0 to 1.
  package mutating func add(
    _ name: String, _ parts: [Part], _ value: String, isWarning: Bool = false, mark: Double? = nil
  ) {
    let bars = parts.map { part in
      let width = Figure.fixed(100 * part.share, 2)
      return switch part.kind {
      case .plain: "<i style=\"width:\(width)%\"></i>"
      case .warning: "<i class=\"warn\" style=\"width:\(width)%\"></i>"
      case .coloured(let index): "<i style=\"width:\(width)%;background:\(PageStyle.colour(index))\"></i>"
      }
    }.joined()
    let line = mark.map { "<u style=\"left:\(Figure.fixed(100 * $0, 2))%\"></u>" } ?? ""
    html +=
      "<span class=\"name\">\(escaped(name))</span><span class=\"track\">\(bars)\(line)</span>"
      + "<span class=\"value\(isWarning ? " warn" : "")\">\(escaped(value))</span>\n"
  }

  package var body: String { "<div class=\"bars\">\(html)</div>\n" }

  /// The names with their colours.
  package static func legend(_ names: [String]) -> String { legend(names.enumerated().map { ($1, $0) }) }

  static func legend(_ entries: [(name: String, colour: Int)]) -> String {
    let entries = entries.map {
      "<span><i style=\"background:\(PageStyle.colour($0.colour))\"></i>\(escaped($0.name))</span>"
    }
    return "<div class=\"legend\">\(entries.joined())</div>\n"
  }
}
