import Foundation
import NunchiDocuments
import Testing

/// How the program ends: every exit code, reached by the program itself, with the line for a person and the document for a
/// program compared word by word.
@Suite(.serialized, isBuilt) struct ExitCodeTests {
  private let trained: TrainingTests.Trained
  private let folder = TemporaryFolder()
  private var path: String { folder.path }

  init() throws { trained = try TrainingTests.shared.get() }

  /// What is expected of a failure: its words, and where they stand.
  private struct Expected {
    let status: Int32
    /// The verb that says it.
    let verb: String
    let code: String
    let message: String
    var hint: String?
    var path: String?

    var line: String { "nunchi \(verb): \(message)" + (hint.map { "; \($0)" } ?? "") }

    var error: JSON {
      ["code": .string(code), "message": .string(message), "hint": JSON(hint), "path": JSON(path)]
    }
  }

  /// Runs `line` twice, for a person and with --json.
  private func expect(_ line: String, _ expected: Expected, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let answer = try Program.run(line)
    #expect(answer.status == expected.status, "\(line)", sourceLocation: sourceLocation)
    #expect(answer.output.isEmpty, "\(line)", sourceLocation: sourceLocation)
    #expect(answer.error == expected.line + "\n", sourceLocation: sourceLocation)
    let json = try Program.run(line + " --json")
    #expect(json.status == expected.status, "\(line)", sourceLocation: sourceLocation)
    #expect(json.error == expected.line + "\n", sourceLocation: sourceLocation)
    let document: JSON = ["schema_version": 1, "status": "error", "error": expected.error]
    #expect(try json.document() == document, sourceLocation: sourceLocation)
    try expectValid(document, "error")
  }

  // MARK: 0, 2, 3, 4

  @Test func done() throws {
    let answer = try Program.run("--version")
    #expect(answer.status == 0 && answer.error.isEmpty)
    // The version that run folders remember.
    let run = trained.folder.path + "/runs/train-0001/env.json"
    let environment = try JSON(parsing: String(contentsOfFile: run, encoding: .utf8))
    let version = try #require(environment["version"]?.stringValue)
    #expect(answer.output == "nunchi \(version)\n")
    #expect(environment["seed"] == 1 && environment["threads"] != nil && environment["processor"] != nil)
  }

  @Test func usage() throws {
    func expected(_ code: String, _ message: String, _ hint: String? = nil) -> Expected {
      Expected(status: 2, verb: "train", code: code, message: message, hint: hint)
    }
    try expect("train", expected("invalid_combination", "expects DATA, a folder with pictures, found none"))
    try expect(
      "train \(trained.data) --epoch 3", expected("unknown_option", "unknown option --epoch", "did you mean --epochs?"))
    try expect(
      "train \(trained.data) --epochs 0",
      expected("invalid_value", "--epochs expects a number from 1, or with --resume +N for more, found \"0\""))
    try expect(
      "train \(trained.data) --optimizer adm",
      expected(
        "invalid_value",
        "--optimizer expects one of sgd, momentum, nesterov, adagrad, rmsprop, adam, adamw, found \"adm\"",
        "did you mean adam?"))
    try expect(
      "train \(trained.data) --model vgg7", expected("model", "no model is called \"vgg7\"; did you mean vgg6?"))
  }

  @Test func data() throws {
    func expected(_ verb: String, _ message: String, _ hint: String?, _ path: String?) -> Expected {
      Expected(status: 3, verb: verb, code: "data", message: message, hint: hint, path: path)
    }
    try expect(
      "train \(path)/missing",
      expected(
        "train", "\(path)/missing: expected a folder with one folder of images for each class, found nothing",
        "check the path", "\(path)/missing"))
    try expect(
      "train \(path)",
      expected(
        "train", "\(path): expected at least two classes, each a folder with images, found none",
        "put the images of each class into a folder named after it", path))
    // Two classes, and no picture that can be read.
    for name in ["a", "b"] {
      try FileManager.default.createDirectory(atPath: "\(path)/\(name)", withIntermediateDirectories: true)
      for index in 0..<8 {
        try Data([0xFF, 0xD8, 0xFF, 0xE0, 0]).write(to: URL(fileURLWithPath: "\(path)/\(name)/\(index).jpg"))
      }
    }
    try expect(
      "train \(path) --model mlp --size 8 --out \(path)/runs",
      expected("train", "\(path): expected images that can be read in the train split, found none", nil, path))
    try expect(
      "evaluate \(trained.model) \(path)",
      expected(
        "evaluate",
        "expected only classes of the model (Mask, Non Mask), found 'a'; rename the folder, or leave it out", nil, nil))
  }

  @Test func model() throws {
    func expected(_ verb: String, _ code: String, _ file: String, _ message: String) -> Expected {
      Expected(status: 4, verb: verb, code: code, message: "\(file): \(message)", path: file)
    }
    let (none, file) = (path + "/none", path + "/file")
    try "nothing at all".write(toFile: file, atomically: true, encoding: .utf8)
    try expect(
      "predict \(none) x.jpg", expected("predict", "model_file", none, "cannot read: No such file or directory"))
    // The text, taken for the length of a header.
    try expect(
      "evaluate \(file) \(trained.data)",
      expected(
        "evaluate", "model_file", file,
        "expected a header of at most 100000000 bytes, found one that claims 2334956330817974126; the file is damaged or "
          + "no safetensors file"))
    try expect(
      "train --resume \(path)",
      expected("train", "checkpoint", "\(path)/model/resume.bin", "cannot read: No such file or directory"))
  }

  // MARK: 1

  /// A result that cannot be written is a failure, not a success that nobody sees.
  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full"))) func lostResult() throws {
    for line in ["model list", "model list --json", "--version"] {
      let answer = try Program.start(line.split(separator: " ").map(String.init), output: "/dev/full").wait(30)
      #expect(answer.status == 1)
      let verb = line.hasPrefix("model") ? " model list" : ""
      #expect(
        answer.error == "nunchi\(verb): standard output: cannot write the result: No space left on device\n")
    }
  }

  /// A broken invariant is a signal to the process, such as a test can send. It ends in a sentence, not in a stack trace.
  @Test(arguments: [SIGILL, SIGSEGV]) func internalFailure(signal: Int32) throws {
    let running = try longTraining("--json")
    kill(running.process.processIdentifier, signal)
    let answer = running.wait(20)
    #expect(answer.status == 1)
    #expect(answer.error == "nunchi: internal failure; please report it with the lines above and the command line\n")
    let document = try answer.document()
    try expectValid(document, "error")
    #expect(
      document["error"] == [
        "code": "internal", "message": "internal failure",
        "hint": "please report it with the lines on standard error and the command line", "path": nil,
      ])
  }

  /// A training that does not end by itself, once it has finished an epoch.
  private func longTraining(_ flags: String = "") throws -> Program.Running {
    let line =
      "train \(trained.data) --model mlp --size 8 --epochs 1000000 --patience 0 --quiet --out \(path)/runs \(flags)"
    let running = try Program.start(line.split(separator: " ").map(String.init))
    let deadline = Date(timeIntervalSinceNow: 20)
    while !FileManager.default.fileExists(atPath: run + "/model/resume.bin"), Date() < deadline { usleep(5000) }
    return running
  }

  private var run: String { path + "/runs/train-0001" }

  // MARK: 5

  /// A place where even an administrator may not write.
  private var forbidden: String {
    FileManager.default.fileExists(atPath: "/sys/kernel") ? "/sys/nunchi" : "/System/nunchi"
  }

  @Test func device() throws {
    #expect(mkdir(forbidden, 0o777) != 0)
    let reason = String(cString: strerror(errno))
    try expect(
      "train \(trained.data) --model mlp --size 8 --out \(forbidden)",
      Expected(
        status: 5, verb: "train", code: "permission", message: "\(forbidden): cannot make the folder: \(reason)",
        path: forbidden))
    try expect(
      "data generate faces --out \(forbidden) --count 40",
      Expected(
        status: 5, verb: "data generate faces", code: "permission",
        message: "\(forbidden): expected a place that can be written, found \(reason)",
        hint: "check the path and its permissions", path: forbidden))
  }

  // MARK: 6, 7

  /// The document holds the result beside the error.
  @Test func gate() throws {
    let line = "evaluate \(trained.model) \(trained.data) --require accuracy>=1.5"
    let (answer, json) = (try Program.run(line), try Program.run(line + " --json"))
    let document = try json.document()
    try expectValid(document, "evaluate")
    let accuracy = try #require(document["result"]?["accuracy"]?.doubleValue)
    let expected = Expected(
      status: 6, verb: "evaluate", code: "requirement",
      message: "expected accuracy>=1.5, found accuracy \(String(format: "%.4f", accuracy))")
    #expect(answer.status == 6 && json.status == 6)
    #expect(answer.error == expected.line + "\n" && json.error == expected.line + "\n")
    #expect(document["error"] == expected.error && document["status"] == "error")
    #expect(answer.output.contains("true \\ predicted"))
    #expect(try Program.run("evaluate \(trained.model) \(trained.data) --require accuracy>=0").status == 0)
  }

  /// The folder keeps what there is, and the report tells of it.
  @Test func diverged() throws {
    let line = "train \(trained.data) --model mlp --size 8 --batch 8 --lr 1e30 --epochs 3 --optimizer sgd --quiet"
    func expected(_ out: String) -> Expected {
      let run = "\(path)/\(out)/train-0001"
      return Expected(
        status: 7, verb: "train", code: "diverged",
        message:
          "training diverged in epoch 1, batch 2: expected bounded numbers, found others in the outputs of layer 1 "
          + "(Dense(64 → 50)), and a loss of nan",
        hint: "train anew with a lower --lr such as 0.001, or a longer --warmup; --find-lr looks for a rate, and "
          + "nunchi data check for damaged pictures; \(run)/report.html shows how it went",
        path: run)
    }
    let answer = try Program.run(line + " --out \(path)/text")
    #expect(answer.status == 7 && answer.output.isEmpty)
    #expect(answer.error == expected("text").line + "\n")
    let json = try Program.run(line + " --out \(path)/json --json")
    #expect(json.status == 7 && json.error == expected("json").line + "\n")
    #expect(try json.document() == ["schema_version": 1, "status": "error", "error": expected("json").error])
    let run = path + "/text/train-0001"
    let report = try String(contentsOfFile: run + "/report.html", encoding: .utf8)
    #expect(report.contains("The training diverged after 0 epochs"))
    #expect(report.contains("diverged in epoch 1, batch 2"))
    #expect(FileManager.default.fileExists(atPath: run + "/results.csv"))
    #expect(!FileManager.default.fileExists(atPath: run + "/model"))
    let shown = try Program.run("run show \(run) --json")
    try expectValid(try shown.document(), "run-show")
    #expect(try shown.result()["ending"] == "diverged")
    #expect(try Program.run("run list \(path)/text").output.contains("diverged"))
  }

  // MARK: 130, 143

  /// The first signal ends a training after the step in work, with what was learned kept and named; the line says how to go
  /// on, and that works.
  @Test(arguments: [(SIGINT, 130), (SIGTERM, 143)] as [(Int32, Int32)])
  func interrupted(signal: Int32, status: Int32) throws {
    let running = try longTraining("--json")
    kill(running.process.processIdentifier, signal)
    let answer = running.wait(20)
    #expect(answer.status == status)
    let document = try answer.document()
    try expectValid(document, "train")
    let epochs = try #require(document["result"]?["epochs"]?.intValue)
    let expected = Expected(
      status: status, verb: "train", code: "interrupted",
      message: "interrupted after \(epochs) epoch\(epochs == 1 ? "" : "s"); what was learned is in \(run)",
      hint: "go on with nunchi train --resume \(run)", path: run)
    #expect(answer.error == expected.line + "\n")
    #expect(document["error"] == expected.error && document["status"] == "error")
    #expect(FileManager.default.fileExists(atPath: run + "/model/last.safetensors"))
    let report = try String(contentsOfFile: run + "/report.html", encoding: .utf8)
    #expect(report.contains("The training was interrupted after"))
    let resumed = try Program.run("train --resume \(run) --epochs \(epochs + 1) --quiet --json").result()
    #expect(resumed["epochs"] == .integer(epochs + 1) && resumed["ending"] == "completed")
  }

  /// The second signal does not wait for anything: nothing is said and nothing more is written.
  @Test(arguments: [(SIGINT, 130), (SIGTERM, 143)] as [(Int32, Int32)])
  func interruptedTwice(signal: Int32, status: Int32) throws {
    let running = try longTraining()
    // More than two, because the system makes one of signals that come while the process does not run.
    while running.process.isRunning {
      kill(running.process.processIdentifier, signal)
      usleep(50)
    }
    let answer = running.wait(20)
    #expect(answer.status == status)
    #expect(answer.error.isEmpty && answer.output.isEmpty)
    #expect(!FileManager.default.fileExists(atPath: run + "/report.html"))
  }
}
