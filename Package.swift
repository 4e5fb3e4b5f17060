// swift-tools-version: 6.2
import PackageDescription

/// Warnings stop the build where `NUNCHI_STRICT` is set (continuous integration), never in a user's build.
let strict: [SwiftSetting] =
  Context.environment["NUNCHI_STRICT"] == nil ? [] : [.treatAllWarnings(as: .error)]
let strictC: [CSetting] =
  Context.environment["NUNCHI_STRICT"] == nil ? [] : [.treatAllWarnings(as: .error)]

/// A room of the house: folder `Sources/<name>`, module `Nunchi<name>`.
func room(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(
    name: "Nunchi" + name, dependencies: dependencies, path: "Sources/" + name, swiftSettings: strict)
}

/// The tests of one room: folder `Tests/<name>`. Fixtures are read from their place in the sources, not bundled.
func tests(_ name: String, _ dependencies: [Target.Dependency], fixtures: Bool = false) -> Target {
  .testTarget(
    name: name + "Tests", dependencies: dependencies, path: "Tests/" + name, exclude: fixtures ? ["Fixtures"] : [],
    swiftSettings: strict)
}

let package = Package(
  name: "nunchi",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "NunchiKit", targets: ["NunchiKit"]),
    .library(name: "NunchiEngineKit", targets: ["NunchiEngineKit"]),
    .executable(name: "nunchi", targets: ["nunchi"]),
  ],
  targets: [
    .systemLibrary(
      name: "SystemJPEG", path: "Sources/SystemJPEG", pkgConfig: "libjpeg",
      providers: [.apt(["libjpeg62-turbo-dev"]), .brew(["jpeg-turbo"])]),
    .systemLibrary(
      name: "SystemPNG", path: "Sources/SystemPNG", pkgConfig: "libpng",
      providers: [.apt(["libpng-dev"]), .brew(["libpng"])]),
    .systemLibrary(
      name: "SystemZlib", path: "Sources/SystemZlib", pkgConfig: "zlib",
      providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
    .systemLibrary(
      name: "SystemWebP", path: "Sources/SystemWebP", pkgConfig: "libwebpdemux",
      providers: [.apt(["libwebp-dev"]), .brew(["webp"])]),
    .systemLibrary(
      name: "SystemGIF", path: "Sources/SystemGIF", pkgConfig: "libgif",
      providers: [.apt(["libgif-dev"]), .brew(["giflib"])]),
    .systemLibrary(
      name: "SystemFreeType", path: "Sources/SystemFreeType", pkgConfig: "freetype2",
      providers: [.apt(["libfreetype-dev"]), .brew(["freetype"])]),
    .systemLibrary(
      name: "SystemFontconfig", path: "Sources/SystemFontconfig", pkgConfig: "fontconfig",
      providers: [.apt(["libfontconfig-dev"]), .brew(["fontconfig"])]),
    .systemLibrary(
      name: "SystemArchive", path: "Sources/SystemArchive", pkgConfig: "libarchive",
      providers: [.apt(["libarchive-dev"]), .brew(["libarchive"])]),
    .target(name: "NunchiKernels", path: "Sources/Kernels", cSettings: strictC),
    .target(
      name: "NunchiCodecs", dependencies: ["SystemJPEG", "SystemPNG", "SystemZlib", "SystemWebP", "SystemGIF"],
      path: "Sources/Codecs", cSettings: strictC),
    .target(
      name: "NunchiFonts", dependencies: ["SystemFreeType", "SystemFontconfig"], path: "Sources/Fonts",
      cSettings: strictC),
    .target(
      name: "NunchiArchives", dependencies: ["SystemArchive"], path: "Sources/Archives", cSettings: strictC),
    .target(
      name: "NunchiTransfers", path: "Sources/Transfers", cSettings: strictC,
      linkerSettings: [.linkedLibrary("dl", .when(platforms: [.linux]))]),
    room("System"),
    room("Tensors", ["NunchiSystem"]),
    room("Documents", ["NunchiSystem"]),
    room("Graph", ["NunchiTensors", "NunchiSystem"]),
    room("Engine", ["NunchiGraph", "NunchiTensors", "NunchiSystem", "NunchiKernels"]),
    room("Layers", ["NunchiGraph", "NunchiTensors"]),
    room("Models", ["NunchiLayers", "NunchiGraph", "NunchiTensors", "NunchiSystem"]),
    room("Images", ["NunchiTensors", "NunchiSystem", "NunchiCodecs", "NunchiKernels"]),
    room(
      "Datasets",
      [
        "NunchiImages", "NunchiTensors", "NunchiCodecs", "NunchiArchives", "NunchiTransfers", "NunchiDocuments",
        "NunchiSystem",
      ]),
    room("Evaluation", ["NunchiTensors", "NunchiDocuments", "NunchiSystem"]),
    room(
      "ModelFiles",
      ["NunchiTensors", "NunchiGraph", "NunchiLayers", "NunchiImages", "NunchiDocuments", "NunchiSystem"]),
    room(
      "Inference",
      [
        "NunchiTensors", "NunchiGraph", "NunchiEngine", "NunchiLayers", "NunchiImages", "NunchiDatasets",
        "NunchiEvaluation", "NunchiModelFiles", "NunchiDocuments", "NunchiSystem",
      ]),
    room(
      "Training",
      [
        "NunchiTensors", "NunchiGraph", "NunchiEngine", "NunchiLayers", "NunchiModels", "NunchiImages",
        "NunchiDatasets", "NunchiEvaluation", "NunchiModelFiles", "NunchiInference", "NunchiDocuments",
        "NunchiSystem",
      ]),
    room(
      "Reports",
      [
        "NunchiTensors", "NunchiImages", "NunchiDatasets", "NunchiDocuments", "NunchiEvaluation", "NunchiModelFiles",
        "NunchiTraining", "NunchiSystem", "NunchiFonts",
      ]),
    room("Arguments", ["NunchiSystem"]),
    room(
      "Benchmarks",
      [
        "NunchiTensors", "NunchiGraph", "NunchiEngine", "NunchiLayers", "NunchiModels", "NunchiImages",
        "NunchiDatasets", "NunchiTraining", "NunchiSystem", "NunchiDocuments",
      ]),
    .target(
      name: "NunchiKit",
      dependencies: [
        "NunchiTensors", "NunchiGraph", "NunchiEngine", "NunchiLayers", "NunchiModels", "NunchiImages",
        "NunchiDatasets", "NunchiEvaluation", "NunchiModelFiles", "NunchiInference", "NunchiTraining",
        "NunchiDocuments", "NunchiSystem",
      ],
      path: "Sources/Umbrella", swiftSettings: strict),
    .target(
      name: "NunchiEngineKit", dependencies: ["NunchiKit", "NunchiEngine"], path: "Sources/EngineUmbrella",
      swiftSettings: strict),
    .executableTarget(
      name: "nunchi",
      dependencies: [
        "NunchiTensors", "NunchiGraph", "NunchiEngine", "NunchiLayers", "NunchiModels", "NunchiCodecs",
        "NunchiArchives",
        "NunchiImages",
        "NunchiDatasets", "NunchiEvaluation", "NunchiModelFiles", "NunchiInference", "NunchiTraining",
        "NunchiReports", "NunchiBenchmarks", "NunchiArguments", "NunchiDocuments", "NunchiSystem",
      ],
      path: "Sources/Command", swiftSettings: strict,
      // Swift's runtime goes into the program, which then runs where no Swift is installed.
      linkerSettings: [.unsafeFlags(["-static-stdlib"], .when(platforms: [.linux], configuration: .release))]),
    .target(
      name: "NunchiTestSupport", dependencies: ["NunchiGraph", "NunchiTensors"], path: "Sources/TestSupport",
      swiftSettings: strict),
    tests("Tensors", ["NunchiTensors"]),
    tests("System", ["NunchiSystem"]),
    tests("Documents", ["NunchiDocuments", "NunchiTensors"]),
    .target(
      name: "KernelRecorder", dependencies: ["NunchiKernels"], path: "Tests/Neon/Recorder", cSettings: strictC),
    tests("Kernels", ["NunchiKernels", "NunchiTensors", "NunchiSystem", "KernelRecorder"]),
    tests("Graph", ["NunchiGraph", "NunchiTensors", "NunchiTestSupport"]),
    tests("Fixtures", ["NunchiGraph", "NunchiLayers", "NunchiModels", "NunchiTensors", "NunchiTestSupport"]),
    tests(
      "Engine",
      [
        "NunchiEngine", "NunchiGraph", "NunchiTensors", "NunchiLayers", "NunchiModels", "NunchiTestSupport",
        "allocation-check",
      ]),
    .target(name: "AllocationCounter", path: "Tests/Allocations/Counter"),
    .executableTarget(
      name: "allocation-check",
      dependencies: ["NunchiEngine", "NunchiGraph", "NunchiLayers", "NunchiTensors", "AllocationCounter"],
      path: "Tests/Allocations/Check", swiftSettings: strict),
    .executableTarget(
      name: "loss-speed", dependencies: ["NunchiEngine", "NunchiGraph", "NunchiTensors"], path: "Tests/LossSpeed",
      swiftSettings: strict),
    tests("Layers", ["NunchiLayers", "NunchiModels", "NunchiGraph", "NunchiTensors", "NunchiTestSupport"]),
    .target(name: "ImageSamples", path: "Tests/Samples", swiftSettings: strict),
    tests("Images", ["NunchiImages", "NunchiTensors", "NunchiDocuments", "NunchiSystem", "ImageSamples"]),
    .executableTarget(
      name: "decoder-fuzz", dependencies: ["NunchiImages", "NunchiTensors", "NunchiSystem", "ImageSamples"],
      path: "Tests/Fuzz/Decoder", swiftSettings: strict),
    .target(name: "DownloadFixtures", path: "Tests/Downloads", swiftSettings: strict),
    .target(name: "FuzzDriver", path: "Tests/Fuzz/Driver", cSettings: strictC),
    .executableTarget(
      name: "parser-fuzz",
      dependencies: [
        "NunchiDatasets", "NunchiModelFiles", "NunchiModels", "NunchiLayers", "NunchiGraph", "NunchiImages",
        "NunchiDocuments", "NunchiTensors", "NunchiSystem", "ImageSamples", "DownloadFixtures", "FuzzDriver",
      ], path: "Tests/Fuzz/Parsers", swiftSettings: strict),
    .target(name: "StubCurl", dependencies: ["NunchiTransfers"], path: "Tests/StubCurl", cSettings: strictC),
    tests(
      "Datasets",
      ["NunchiDatasets", "NunchiImages", "NunchiTensors", "NunchiDocuments", "DownloadFixtures", "StubCurl"]),
    tests("Evaluation", ["NunchiEvaluation", "NunchiDocuments", "NunchiSystem"], fixtures: true),
    tests(
      "ModelFiles",
      [
        "NunchiModelFiles", "NunchiModels", "NunchiLayers", "NunchiGraph", "NunchiImages", "NunchiTensors",
        "NunchiDocuments", "NunchiSystem",
      ], fixtures: true),
    tests(
      "Inference",
      [
        "NunchiInference", "NunchiModelFiles", "NunchiDatasets", "NunchiDocuments", "NunchiEngine",
        "NunchiEvaluation", "NunchiGraph", "NunchiImages", "NunchiLayers", "NunchiModels", "NunchiSystem",
        "NunchiTensors",
      ]),
    tests(
      "Training",
      [
        "NunchiTraining", "NunchiInference", "NunchiEngine", "NunchiModelFiles", "NunchiDatasets", "NunchiDocuments",
        "NunchiEvaluation", "NunchiGraph", "NunchiImages", "NunchiLayers", "NunchiTensors", "NunchiSystem",
      ]),
    tests(
      "Reports",
      [
        "NunchiReports", "NunchiDatasets", "NunchiImages", "NunchiDocuments", "NunchiEvaluation", "NunchiTraining",
      ]),
    tests("Arguments", ["NunchiArguments"]),
    tests("Command", ["NunchiDocuments", "NunchiTraining", "DownloadFixtures"]),
    tests("Goldens", ["DownloadFixtures"], fixtures: true),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .c17
)
