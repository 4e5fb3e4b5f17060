import NunchiArguments
import Testing

@Suite struct Grammar {
  @Test func defaults() throws {
    let train = try command("train photos", as: Train.self)
    #expect(train.data == "photos" && train.epochs.count == 30 && train.batch == 32 && train.rate == 1e-3)
    #expect(train.resize == .crop && train.size == nil && train.rename == [] && train.patience)
    #expect(!train.output.json && !train.output.quiet)
    #expect(!train.$epochs.isGiven && train.$data.isGiven)
  }

  @Test(arguments: [
    "--epochs 7 --batch 9 --json -q", "--epochs=7 --batch=9 -q --json", "-e 7 -b 9 --json --quiet", "-e7 -qb9 --json",
    "-e=7 --json -qb=9", "--epochs 3 --epochs 7 -b9 --json -q",
  ])
  func spellings(_ options: String) throws {
    for line in ["train \(options) photos", "train photos \(options)"] {
      let train = try command(line, as: Train.self)
      #expect(train.epochs == Epochs(7) && train.batch == 9 && train.data == "photos", "\(line)")
      #expect(train.output.json && train.output.quiet)
      #expect(train.$epochs.origin == .commandLine && train.$rate.origin == .default)
    }
  }

  @Test func valuesOfEveryType() throws {
    let train = try command(
      "train d --lr -0.5 --weight-decay 2e-3 --resize pad --size 64 --rename a=b --rename c --no-patience",
      as: Train.self)
    #expect(train.rate == -0.5 && train.weightDecay == 2e-3 && train.resize == .pad && train.size == 64)
    #expect(train.rename == ["a=b", "c"] && !train.patience)
    #expect(try command("train d --no-patience --patience", as: Train.self).patience)
    #expect(try command("train d --epochs +20", as: Train.self).epochs.isMore)
    #expect(try command("train d --rename=", as: Train.self).rename == [""])
    #expect(try command("train d --rename=--x", as: Train.self).rename == ["--x"])
  }

  @Test func placesAreSharedOut() throws {
    let evaluate = try command("evaluate a b c data", as: Evaluate.self)
    #expect(evaluate.models == ["a", "b", "c"] && evaluate.data == "data")
    #expect(try command("eval a data", as: Evaluate.self).models == ["a"])
    let predict = try command("predict m - -5 --class x --shift -3 -- --odd -h", as: Predict.self)
    #expect(predict.model == "m" && predict.files == ["-", "-5", "--odd", "-h"] && predict.shift == -3)
    #expect(try command("predict --class x m", as: Predict.self).files == [])
    #expect(try command("model list", as: Model.List.self).filter == nil)
    #expect(try command("model list vgg", as: Model.List.self).filter == "vgg")
    #expect(try parsed("eval a data").verbs == ["nunchi", "evaluate"])
  }

  /// Two command lines do not share their values.
  @Test func commandsAreIndependent() throws {
    let first = try command("train a --batch 1", as: Train.self)
    let second = try command("train b", as: Train.self)
    #expect(first.batch == 1 && second.batch == 32 && first.data == "a")
  }
}

@Suite struct Origins {
  private let layers: [SettingLayer] = [
    .configFile("nunchi.json", [("epochs", ["5"]), ("batch", ["6"]), ("lr", ["0.5"]), ("json", ["true"])]),
    .environment(["NUNCHI_BATCH": "7", "NUNCHI_LR": "0.25", "NUNCHI_EDITOR": "vi", "PATH": "x"], prefix: "NUNCHI"),
  ]

  @Test func theStrongerLayerWins() throws {
    let train = try command("train d --lr 0.125", as: Train.self, layers: layers)
    #expect(train.epochs.count == 5 && train.batch == 7 && train.rate == 0.125 && train.output.json)
    #expect(train.$epochs.origin == .configFile("nunchi.json"))
    #expect(train.$batch.origin == .environment)
    #expect(train.$rate.origin == .commandLine)
    #expect(train.$resize.origin == .default)
  }

  @Test func everySettingIsListedWithItsOrigin() throws {
    let settings = try parsed("train d --lr 0.125", layers: layers).settings
    let lines = settings.map { "\($0.name) = \($0.values?.joined(separator: ",") ?? "none") (\($0.origin))" }
    #expect(
      lines == [
        "data = d (command line)", "epochs = 5 (config file nunchi.json)", "batch = 7 (environment)",
        "lr = 0.125 (command line)", "resize = crop (default)", "weight-decay = 0.0001 (default)",
        "size = none (default)", "rename =  (default)", "patience = true (default)", "secret = none (default)",
        "json = true (config file nunchi.json)", "quiet = false (default)",
      ])
  }

  @Test func aRepeatedOptionReplacesTheListOfAWeakerLayer() throws {
    let layer = SettingLayer.configFile("f", [("rename", ["a", "b"]), ("data", ["photos"])])
    #expect(try command("train", as: Train.self, layers: [layer]).rename == ["a", "b"])
    #expect(try command("train", as: Train.self, layers: [layer]).data == "photos")
    #expect(try command("train x --rename c --rename d", as: Train.self, layers: [layer]).rename == ["c", "d"])
  }

  @Test(arguments: [
    ("epoch", "5", "nunchi train: unknown setting epoch in config file f; did you mean epochs?"),
    (
      "epochs", "five",
      "nunchi train: --epochs expects a number of epochs such as 30 or +20, found \"five\" in config file f"
    ),
  ])
  func wrongSettingsAreNamed(_ name: String, _ value: String, _ message: String) {
    let error = #expect(throws: ArgumentError.self) {
      try parsed("train d", layers: [.configFile("f", [(name, [value])])])
    }
    #expect(error?.description == message)
  }
}

@Suite struct Messages {
  @Test(arguments: [
    ("train d --epoch 3", "nunchi train: unknown option --epoch; did you mean --epochs?"),
    ("train d --ephocs 3", "nunchi train: unknown option --ephocs; did you mean --epochs?"),
    ("train d -epochs 3", "nunchi train: unknown option -epochs; did you mean --epochs?"),
    ("train d -lr 3", "nunchi train: unknown option -lr; did you mean --lr?"),
    ("train d --qwerty", "nunchi train: unknown option --qwerty; see nunchi train --help"),
    ("train d --no-pateince", "nunchi train: unknown option --no-pateince; did you mean --no-patience?"),
    ("train d --secre", "nunchi train: unknown option --secre; see nunchi train --help"),
    ("train d -z", "nunchi train: unknown option -z; see nunchi train --help"),
    ("trian d", "nunchi: unknown verb \"trian\"; did you mean train?"),
    ("evla a b", "nunchi: unknown verb \"evla\"; did you mean eval?"),
    ("frobnicate --help", "nunchi: unknown verb \"frobnicate\"; see nunchi --help"),
    ("model lits", "nunchi model: unknown verb \"lits\"; did you mean list?"),
    ("help trian", "nunchi: unknown verb \"trian\"; did you mean train?"),
    ("help train x", "nunchi train: expects no further verb, found \"x\""),
    ("--json train", "nunchi: unknown option --json before the verb; options follow the verb"),
    ("--versoin", "nunchi: unknown option --versoin before the verb; did you mean --version?"),
    ("train d --batch ten", "nunchi train: --batch expects a whole number, found \"ten\""),
    ("train d -b 1.5", "nunchi train: --batch expects a whole number, found \"1.5\""),
    ("train d --lr nan", "nunchi train: --lr expects a number, found \"nan\""),
    (
      "train d --resize corp",
      "nunchi train: --resize expects one of squash, crop, pad, found \"corp\"; did you mean crop?"
    ),
    ("train d --batch", "nunchi train: --batch expects a whole number, found nothing after it"),
    (
      "train d --rename --json",
      "nunchi train: --rename expects a text, found the option --json; write --rename=--json if that is the value"
    ),
    ("train d --json=yes", "nunchi train: --json expects no value, found \"yes\""),
    ("train", "nunchi train: expects DATA, found none; see nunchi train --help"),
    ("train a b", "nunchi train: expects only DATA, found also \"b\""),
    ("evaluate a", "nunchi evaluate: expects DATA, found none; see nunchi evaluate --help"),
    ("predict m", "nunchi predict: expects --class TEXT, found none; see nunchi predict --help"),
    ("model summary x", "nunchi model summary: expects no arguments, found also \"x\""),
    ("train d --batch 0", "nunchi train: --batch expects at least 1, found 0"),
  ])
  func wordByWord(_ line: String, _ message: String) {
    let error = #expect(throws: ArgumentError.self) { try parsed(line) }
    #expect(error?.description == message)
  }

  @Test func theKindIsForPrograms() {
    let error = #expect(throws: ArgumentError.self) { try parsed("train d --epoch 3") }
    #expect(error?.kind.rawValue == "unknown_option")
    #expect(error?.message == "unknown option --epoch" && error?.hint == "did you mean --epochs?")
  }
}

@Suite struct Help {
  private let train = """
    Train a classifier on a folder of pictures

    Usage: nunchi train [options] DATA

    Example: nunchi train photos --epochs 10

    Arguments:
      DATA  folder with one folder a class

    Options:
      -e, --epochs N             passes over the data (default: 30)
      -b, --batch N              images a step (default: 32)
      --lr X                     learning rate (default: 0.001)
      --resize squash|crop|pad   how pictures become square (default: crop)
      --weight-decay X           shrink weights by this much a step (default: 0.0001)
      --size N                   side of the input in pixels; the preset's own where it is not given,
                                 which is what a trained model wants
      --rename TEXT              rewrite a class name; repeatable
      --patience, --no-patience  stop early (default: on)
      --json                     one JSON document on standard output
      -q, --quiet                say less
      -h, --help                 show this help

    """

  @Test func ofAVerb() throws {
    #expect(try printed("train --help") == train)
    #expect(try printed("train -h --nonsense") == train)
    #expect(try printed("help train") == train)
    #expect(try printed("train -- --help") == "(runs)")
  }

  @Test func ofTheRoot() throws {
    let root = """
      Train, examine and run image classifiers

      Usage: nunchi VERB

      Example: nunchi train photos

      Verbs:
        train           Train a classifier on a folder of pictures
        evaluate, eval  Measure models
        predict
        model           Look at models

      Options:
        --version   print the version
        -h, --help  show this help

      nunchi help VERB tells more.

      """
    #expect(try printed("") == root)
    #expect(try printed("help") == root)
    #expect(try printed("--help") == root)
    #expect(try printed("model").hasSuffix("nunchi help model VERB tells more.\n"))
    #expect(try printed("eval -h").contains("Usage: nunchi evaluate [options] MODELS… DATA\n") == false)
    #expect(try printed("eval -h").contains("Usage: nunchi evaluate MODELS… DATA\n"))
    #expect(try printed("help predict").contains("Usage: nunchi predict [options] MODEL [FILES…]\n"))
    #expect(try printed("--version") == "nunchi 1.2.3")
  }
}
