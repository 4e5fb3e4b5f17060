import NunchiImages

/// Images in rows with captions, as one image.
package struct PictureSheet: Sendable {
  package var title: String
  package var subtitle: String
  package var sections: [Section]

  /// Rows with common column heads. Many rows are set in two blocks side by side.
  package struct Section: Sendable {
    package var heading: String
    /// The column heads, above the images of each block.
    package var columns: [String]
    package var rows: [Row]

    package init(heading: String, columns: [String] = [], rows: [Row]) {
      (self.heading, self.columns, self.rows) = (heading, columns, rows)
    }
  }

  package struct Row: Sendable {
    /// The caption, in bold above the images; empty for none.
    package var caption: String
    /// The text after the caption.
    package var detail: String
    package var images: [Image]

    package init(caption: String = "", detail: String = "", images: [Image]) {
      (self.caption, self.detail, self.images) = (caption, detail, images)
    }
  }

  package init(title: String, subtitle: String = "", sections: [Section]) {
    (self.title, self.subtitle, self.sections) = (title, subtitle, sections)
  }

  /// Measures in pixels.
  private enum Measure {
    static let margin = 48
    static let gap = 8
    static let betweenBlocks = 56
    static let title = 36
    static let subtitle = 20
    static let belowTitle = 22
    /// The least width of a sheet, so that titles have room.
    static let narrowest = 560
    static let heading = 52
    static let columns = 22
    static let caption = 30
    static let belowRow = 14
    static let belowSection = 20
    static let corner: Float = 5
  }

  private enum Ink {
    static let paper: [UInt8] = [250, 249, 246]
    static let text: [UInt8] = [33, 36, 41]
    static let pale: [UInt8] = [122, 126, 133]
    static let line: [UInt8] = [221, 219, 213]
  }

  private struct Letters {
    let title, heading, caption, detail: Lettering

    init(_ fonts: SystemFonts) {
      title = Lettering(height: 19, weight: .bold, fonts: fonts)
      heading = Lettering(height: 13, weight: .bold, fonts: fonts)
      caption = Lettering(height: 10, weight: .bold, fonts: fonts)
      detail = Lettering(height: 9, fonts: fonts)
    }
  }

  /// Draws the sheet. Columns are as wide as their widest image, rows as high as their highest.
  package func drawn(fonts: SystemFonts = .shared) -> Image {
    let letters = Letters(fonts)
    let content = max(sections.map { Self.width($0) }.max() ?? 0, Measure.narrowest)
    let lines = letters.detail.wrapped(subtitle, Float(content))
    let head = Measure.title + lines.count * Measure.subtitle + Measure.belowTitle
    let height = 2 * Measure.margin + head + sections.reduce(0) { $0 + Self.height($1) } - Measure.belowSection
    var page = Page(width: 2 * Measure.margin + content, height: height, paper: Ink.paper)
    var top = Measure.margin
    let title = letters.title.fitted(title, Float(content))
    page.write(title, letters.title, x: Measure.margin, baseline: top + 20, Ink.text)
    for (number, line) in lines.enumerated() {
      let baseline = top + Measure.title + 12 + number * Measure.subtitle
      page.write(line, letters.detail, x: Measure.margin, baseline: baseline, Ink.pale)
    }
    top += head
    for section in sections {
      draw(section, letters, &page, top: top)
      top += Self.height(section)
    }
    return page.image
  }

  private func draw(_ section: Section, _ letters: Letters, _ page: inout Page, top: Int) {
    let blocks = Self.blocks(section)
    var first = top
    if !section.heading.isEmpty {
      page.line(x: Measure.margin, y: first, width: page.width - 2 * Measure.margin, Ink.line)
      page.write(section.heading, letters.heading, x: Measure.margin, baseline: first + 32, Ink.text)
      first += Measure.heading
    }
    let columns = Self.columnWidths(section)
    for (number, rows) in blocks.enumerated() {
      let left = Measure.margin + number * (Self.blockWidth(section) + Measure.betweenBlocks)
      var y = first
      if !section.columns.isEmpty {
        var x = left
        for (head, column) in zip(section.columns, columns) {
          let centred = x + (column - Int(letters.detail.width(head))) / 2
          page.write(head, letters.detail, x: centred, baseline: y + 12, Ink.pale)
          x += column + Measure.gap
        }
        y += Measure.columns
      }
      for row in rows {
        draw(row, columns, letters, &page, left: left, top: y)
        y += Self.height(row)
      }
    }
  }

  private func draw(
    _ row: Row, _ columns: [Int], _ letters: Letters, _ page: inout Page, left: Int, top: Int
  ) {
    var y = top
    if !row.caption.isEmpty {
      let room = Float(columns.reduce(-Measure.gap) { $0 + $1 + Measure.gap })
      let caption = letters.caption.fitted(row.caption, room)
      page.write(caption, letters.caption, x: left, baseline: y + 18, Ink.text)
      let behind = left + Int(letters.caption.width(caption)) + 14
      let detail = letters.detail.fitted(row.detail, room - Float(behind - left))
      if detail != "..." { page.write(detail, letters.detail, x: behind, baseline: y + 18, Ink.pale) }
      y += Measure.caption
    }
    var x = left
    for (image, column) in zip(row.images, columns) {
      page.place(image, x: x, y: y, corner: Measure.corner)
      x += column + Measure.gap
    }
  }
}

extension PictureSheet {
  /// The rows of each block: down the first block, then down the second.
  private static func blocks(_ section: Section) -> [[Row]] {
    let rows = section.rows
    if rows.count <= 4 { return [rows] }
    let half = (rows.count + 1) / 2
    return [Array(rows[..<half]), Array(rows[half...])]
  }

  private static func columnWidths(_ section: Section) -> [Int] {
    let count = section.rows.map(\.images.count).max() ?? 0
    return (0..<count).map { column in
      section.rows.compactMap { column < $0.images.count ? $0.images[column].width : nil }.max() ?? 0
    }
  }

  private static func blockWidth(_ section: Section) -> Int {
    columnWidths(section).reduce(-Measure.gap) { $0 + $1 + Measure.gap }
  }

  private static func width(_ section: Section) -> Int {
    let blocks = blocks(section).count
    return blocks * blockWidth(section) + (blocks - 1) * Measure.betweenBlocks
  }

  private static func height(_ row: Row) -> Int {
    let caption = row.caption.isEmpty ? 0 : Measure.caption
    return caption + (row.images.map(\.height).max() ?? 0) + (row.caption.isEmpty ? Measure.gap : Measure.belowRow)
  }

  private static func height(_ section: Section) -> Int {
    let highest = blocks(section).map { $0.reduce(0) { $0 + height($1) } }.max() ?? 0
    return (section.heading.isEmpty ? 0 : Measure.heading) + (section.columns.isEmpty ? 0 : Measure.columns)
      + highest + Measure.belowSection
  }
}
