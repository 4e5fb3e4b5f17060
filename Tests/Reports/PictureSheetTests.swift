import NunchiImages
import NunchiReports
import Testing

/// Against pictures that are lost, cut or in another's place.
@Suite struct PictureSheetTests {
  /// So far apart that no soft edge of one looks like another, or like the edge of a letter.
  private let grays: [UInt8] = [20, 80, 130, 165, 228, 240]

  private func flat(_ value: UInt8, _ width: Int, _ height: Int, channels: Int = 3) -> Image {
    Image(
      width: width, height: height, channels: channels,
      bytes: [UInt8](repeating: value, count: width * height * channels))
  }

  private func places(of value: UInt8, in image: Image) -> [SIMD2<Int>] {
    (0..<image.width * image.height).compactMap { index in
      let (x, y) = (index % image.width, index / image.width)
      return image[x, y] == [value, value, value] ? SIMD2(x, y) : nil
    }
  }

  /// Every picture stands whole on the sheet but for its round corners, in the order of its row.
  @Test func picturesStandInTheirPlaces() {
    let rows = [
      PictureSheet.Row(caption: "first", detail: "of two", images: [flat(20, 30, 20), flat(80, 30, 20)]),
      PictureSheet.Row(images: [flat(130, 30, 20, channels: 1), flat(165, 10, 12)]),
    ]
    let sheet = PictureSheet(
      title: "Title", subtitle: "below it",
      sections: [PictureSheet.Section(heading: "Heading", columns: ["0", "1"], rows: rows)]
    ).drawn()
    var corners: [SIMD2<Int>] = []
    for (value, area) in [(UInt8(20), 600), (80, 600), (130, 600), (165, 120)] {
      let found = places(of: value, in: sheet)
      #expect(found.count <= area && found.count >= area - 60)
      corners.append(found.reduce(SIMD2(9999, 9999)) { pointwiseMin($0, $1) })
    }
    #expect(corners[0].y == corners[1].y && corners[0].x == corners[2].x && corners[1].x == corners[3].x)
    #expect(corners[1].x - corners[0].x == 38 && corners[2].y > corners[0].y + 20)
    #expect(sheet[0, 0] == sheet[sheet.width - 1, sheet.height - 1])
  }

  /// More rows than fit comfortably under each other stand in two blocks, read down the first one.
  @Test func manyRowsStandInTwoBlocks() {
    let rows = grays.map { PictureSheet.Row(caption: "row", images: [flat($0, 40, 16)]) }
    let sheet = PictureSheet(title: "", sections: [PictureSheet.Section(heading: "", rows: rows)]).drawn()
    let lefts = grays.map { places(of: $0, in: sheet).map(\.x).min()! }
    #expect(lefts[0] == lefts[1] && lefts[1] == lefts[2] && lefts[3] == lefts[4] && lefts[4] == lefts[5])
    #expect(lefts[3] > lefts[0] + 40)
    let tops = grays.map { places(of: $0, in: sheet).map(\.y).min()! }
    #expect(tops[0] == tops[3] && tops[0] < tops[1] && tops[1] < tops[2])
  }

  @Test func longWordsStayOnTheSheet() {
    let row = PictureSheet.Row(
      caption: String(repeating: "caption", count: 40), detail: "more", images: [flat(9, 20, 20)])
    let long = String(repeating: "many words ", count: 200)
    let sheet = PictureSheet(title: long, subtitle: long, sections: [PictureSheet.Section(heading: "h", rows: [row])])
      .drawn()
    #expect(sheet.width < 700 && sheet.height > 400)
  }

  /// A row for each transform, the same picture where nothing is done, and twelve different draws.
  @Test func transformsAndDraws() throws {
    let image = Image(width: 24, height: 24, channels: 3, bytes: (0..<1728).map { UInt8($0 * 7 % 251) })
    let sections = TransformSheet.rows(Transforms.all.map { AnyTransform($0.init()) }, image, seed: 1)
    #expect(sections.reduce(0) { $0 + $1.rows.count } == Transforms.all.count)
    #expect(sections.map(\.columns.count) == [5, 5, 2])
    #expect(sections[0].rows.allSatisfy { $0.images[2] == image && $0.images[0] != $0.images[4] })
    #expect(sections[1].rows.allSatisfy { $0.images[0] == image && $0.images[4] != image })
    let draws = TransformSheet.draws(of: .light, image, identity: "a", seed: 3).rows.flatMap(\.images)
    #expect(draws.count == 12 && Set(draws.map(\.bytes)).count == 12)
    let expected = Augmentation.light.draw(
      PictureShape(width: 24, height: 24, channels: 3), seed: 3, identity: "a", epoch: 7)
    #expect(draws[7] == expected.apply(to: image))
    let text = try Augmentation(parsing: "sometimes(0.5, fog), one-of(rain, invert)")
    #expect(text.transforms.map(\.name) == ["fog", "rain", "invert"])
  }
}
