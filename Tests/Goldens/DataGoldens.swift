import DownloadFixtures
import Foundation
import Testing

/// What the verbs of data and pictures say and write. Pictures are compared by their pixels.
@Suite(.serialized, hasRecordedBits) struct DataGoldens {
  private let workshop: Workshop

  init() throws {
    workshop = try Workshop()
    try Patterns.writeDivided(workshop.folder + "/patterns")
    try Patterns.write(workshop.folder + "/flat", counts: [9, 8, 7], seed: 40)
  }

  private let picture = "patterns/Test/rings/rings-100.ppm"

  /// Copies across splits and classes, and damage.
  @Test func check() throws {
    let files = FileManager.default
    let root = workshop.folder + "/patterns/"
    try files.copyItem(atPath: root + "Train/rings/rings-101.ppm", toPath: root + "Test/rings/leak.ppm")
    try files.copyItem(atPath: root + "Train/stripes/stripes-102.ppm", toPath: root + "Train/rings/wrong.ppm")
    try Data([0xFF, 0xD8, 0xFF, 0xE0, 0]).write(to: URL(fileURLWithPath: root + "Train/rings/damaged.jpg"))
    let text = try workshop.transcript([
      "data check patterns --json --html page.html --threads @", "data check patterns --threads @",
      "data check patterns --strict --threads @", "data check \(picture) --json", "data check flat/rings --threads @",
    ])
    try Golden.expect(text, "verbs/data-check")
    try Golden.expect(workshop.page("page.html"), "files/data-page")
  }

  @Test func statsSplitPreview() throws {
    var text = try workshop.transcript([
      "data stats patterns --json --threads @", "data stats patterns --threads @",
      "data split flat --out flat.csv --seed 2 --json --threads @",
      "data split flat --out flat.jsonl --test 0.3 --threads @",
      "data preview patterns --out sheet.png --count 2 --size 32 --json", "data preview flat --out flat.png",
    ])
    text += try workshop.text("flat.csv") + workshop.text("flat.jsonl")
    text += try workshop.pixels(["sheet.png", "flat.png"])
    text += try workshop.transcript([
      "data stats flat.csv --json --threads @"
    ])
    try Golden.expect(text, "verbs/data")
  }

  @Test func generate() throws {
    var text = try workshop.transcript([
      "data generate faces --out faces --count 12 --size 40 --seed 3 --format png --json",
      "data generate faces --out hard --count 6 --size 40 --difficulty hard --format png",
      "data generate shapes --out shapes --count 12 --size 24 --seed 3 --format png --scenes scenes --scene-count 2 --json",
      "data generate spirals --out spirals.csv --count 8 --seed 3 --picture spirals.png --size 64 --json",
    ])
    for form in ["blobs", "rings", "xor", "line"] {
      text += try workshop.transcript(["data generate \(form) --out \(form).csv --count 6 --seed 4"])
      text += try workshop.text("\(form).csv")
    }
    text += try workshop.text("spirals.csv") + workshop.text("scenes/scenes.jsonl")
    let pictures = try ["faces", "hard", "shapes", "scenes"].flatMap { try workshop.files(below: $0) }
    text += try workshop.pixels(pictures.filter { $0.hasSuffix(".png") } + ["spirals.png"])
    try Golden.expect(text, "verbs/data-generate")
  }

  @Test func get() throws {
    let members = ["w/cat/1.ppm", "w/cat/2.ppm", "w/dog/1.ppm", "w/dog/2.ppm"].enumerated().map { index, name in
      ZipBuilder.Member(name, Patterns.picture(kind: index / 2, seed: index), method: 8)
    }
    let archive = ZipBuilder(members).bytes()
    let server = LocalServer { request, _ in
      request.path.hasSuffix("set.zip") ? .init(file: archive) : .init(status: 404)
    }
    var text = ""
    for line in ["set.zip --out set --json", "set.zip --out set", "none.zip --out none --json"] {
      // The port is another one each time.
      text += try workshop.transcript(["data get \(server.base)\(line)"])
        .replacingOccurrences(of: server.base, with: "<server>/")
    }
    try Golden.expect(text + workshop.digests(workshop.files(below: "set")), "verbs/data-get")
  }

  @Test func augment() throws {
    var text = try workshop.transcript([
      "augment list --json", "augment list",
      "augment preview \(picture) --out every.png --size 40 --seed 2 --json",
      "augment preview \(picture) --out heavy.png --augment heavy --size 40 --seed 2",
      "augment preview \(picture) --out fog.png --transform fog --transform rotate(40) --size 40",
      "augment apply flat --out more --copies 2 --augment heavy --seed 5 --json",
    ])
    text += try workshop.pixels(["every.png", "heavy.png", "fog.png"])
    text += try workshop.pixels(workshop.files(below: "more"))
    try Golden.expect(text, "verbs/augment")
  }

  @Test func image() throws {
    var text = ""
    for (index, flags) in [
      "", "--size 16", "--size 30 --resize squash --filter bicubic", "--size 9 --resize pad --filter area",
      "--size 33 --filter lanczos --channels 1",
    ].enumerated() {
      text += try workshop.transcript(["image convert \(picture) c\(index).ppm \(flags) --json"])
      text += try workshop.digests(["c\(index).ppm"])
    }
    for name in ["sobel", "sobel-x", "sobel-y", "gaussian", "box", "laplacian", "sharpen", "emboss"] {
      text += try workshop.transcript(["image filter \(picture) \(name).ppm --filter \(name) --json"])
      text += try workshop.digests(["\(name).ppm"])
    }
    text += try workshop.transcript([
      "image convert \(picture) c.pgm", "image filter \(picture) s.ppm --filter sobel --kernel",
      "image convert missing.png x.png --json",
    ])
    try Golden.expect(text, "verbs/image")
  }

  @Test func model() throws {
    try Golden.expect(
      workshop.transcript(
        ["model list --json", "model list"]
          + ["vgg6", "resnet20", "deep-cnn", "mlp", "simple-cnn"].map { "model summary \($0)" }
          + ["model summary vgg6 --size 32 --width 0.5 --classes 3 --json", "model summary vgg7 --json"]), "verbs/model"
    )
  }
}
