import NunchiDatasets
import NunchiImages
import NunchiSystem
import NunchiTensors
import NunchiTraining

/// Gray pictures of 12x12 that a small network learns in seconds: a bright square whose corner tells the class, in noise.
/// Of four classes there are fewer than `classes` only where asked.
func patterns(_ count: Int, classes: Int = 4, seed: UInt64 = 1) -> [(image: Image, label: Int)] {
  (0..<count).map { pattern($0, label: $0 % classes, seed: seed) }
}

func pattern(_ index: Int, label: Int, seed: UInt64) -> (image: Image, label: Int) {
  let side = 12
  var stream = RandomStream(seed: seed, name: "pattern", position: (UInt32(index), 0))
  var bytes = (0..<side * side).map { _ in UInt8(40 + stream.integer(below: 60)) }
  let (left, top) = (label % 2 * 6 + stream.integer(below: 3), label / 2 * 6 + stream.integer(below: 3))
  for y in top..<top + 4 { for x in left..<left + 4 { bytes[y * side + x] &+= 120 } }
  return (Image(width: side, height: side, channels: 1, bytes: bytes), label)
}

let patternClasses = ["north west", "north east", "south west", "south east"]

func patternSet(_ train: Int = 90, _ validation: Int = 30, _ test: Int = 30) -> Dataset {
  Dataset(
    classes: patternClasses, train: patterns(train), validation: patterns(validation, seed: 2),
    test: patterns(test, seed: 3))
}

/// Settings for the patterns: nothing written, one thread.
func patternSettings(_ model: String = "simple-cnn", epochs: Int = 3) -> TrainingSettings {
  var settings = TrainingSettings()
  settings.model = model
  settings.size = 12
  settings.channels = 1
  settings.width = 0.3
  settings.epochs = epochs
  settings.batch = 16
  settings.rate = 3e-3
  settings.augmentation = .none
  settings.patience = nil
  settings.averaging = nil
  settings.threads = 1
  settings.out = nil
  return settings
}

/// The path of a folder that is gone after the body.
func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  var template = Array("/tmp/nunchi-training-XXXXXX".utf8CString)
  let path = template.withUnsafeMutableBufferPointer { String(cString: mkdtemp($0.baseAddress!)) }
  defer { remove(path) }
  return try body(path)
}

private func remove(_ path: String) {
  var status = stat()
  guard lstat(path, &status) == 0 else { return }
  if status.st_mode & S_IFMT == S_IFDIR {
    for name in names(in: path) { remove(path + "/" + name) }
    rmdir(path)
  } else {
    unlink(path)
  }
}

/// The names in a folder, sorted.
func names(in folder: String) -> [String] {
  guard let stream = opendir(folder) else { return [] }
  defer { closedir(stream) }
  var names: [String] = []
  while let entry = readdir(stream) {
    let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    if name != "." && name != ".." { names.append(name) }
  }
  return names.sorted()
}

func text(_ path: String) throws -> String {
  try MappedFile(path: path).withBytes { String(decoding: $0, as: UTF8.self) }
}

func bytes(_ path: String) throws -> [UInt8] { try MappedFile(path: path).withBytes { Array($0) } }

/// Cuts the first training picture of a mask in half; its name.
@discardableResult
func damageFirstMask(of faces: String) throws -> String {
  let victim = names(in: faces + "/Train/Mask")[0]
  let path = "\(faces)/Train/Mask/\(victim)"
  let whole = try bytes(path)
  try AtomicFile.write(Array(whole.prefix(whole.count / 2)), to: path)
  return victim
}
