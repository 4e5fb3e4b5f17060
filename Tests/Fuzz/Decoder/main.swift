import ImageSamples
import NunchiImages
import NunchiSystem
import NunchiTensors

// Damages files of every format that is read and decodes them, for a stated time:
//
//     decoder-fuzz [--seconds 10] [--seed 0] [--file N]
//
// Nothing that a file contains may crash the process, take more than a second of processor time or more memory than its
// picture explains, or give a picture that its header did not announce or that a second reading does not repeat. The same
// seed damages in the same way: `--file N` reads file N of it alone, and N of a crash stands in the file that is named at
// the start.

/// Larger pictures are refused, so that what takes long or much stands out.
let pixelLimit = 4_000_000
let mostSeconds = 1.0
/// Of the whole process: the largest picture with all that its decoder holds of it, and a sanitizer's own.
let mostMebibytes = 700

let arguments = CommandLine.arguments
func option(_ name: String) -> UInt64? {
  arguments.firstIndex(of: name).flatMap { $0 + 1 < arguments.count ? UInt64(arguments[$0 + 1]) : nil }
}
let duration = Double(option("--seconds") ?? 10)
let seed = option("--seed") ?? 0

/// Encoded by us, and larger than the samples: damage behind the header is likelier.
func encoded() throws -> [(name: String, bytes: [UInt8])] {
  let samples = (0..<61 * 43 * 3).map { (index: Int) -> UInt8 in UInt8((index * index / 97 + index) & 255) }
  let colour = Image(width: 61, height: 43, channels: 3, bytes: samples)
  let gray = colour.converted(toChannels: 1)
  return try [
    ("jpeg colour", colour.encodedJPEG(quality: 80)), ("jpeg full colour", colour.encodedJPEG(quality: 95)),
    ("jpeg gray", gray.encodedJPEG()), ("png colour", colour.encodedPNG()), ("png gray", gray.encodedPNG(level: 0)),
  ]
}

let mutation = Mutation(seeds: FileSamples.all + (try encoded()), seed: seed)
let decoder = ImageDecoder(pixelLimit: pixelLimit)
let input = Preprocessing(width: 13, height: 11, rule: .crop)

/// What is wrong with how these bytes are read; `nil` where nothing is. Whether a picture came of them.
func finding(_ bytes: [UInt8], again: Bool) -> (problem: String?, decoded: Bool) {
  guard let header = try? decoder.header(of: bytes) else {
    return ((try? decoder.decode(bytes)) == nil ? nil : "decoded although its header is refused", false)
  }
  guard let image = try? decoder.decode(bytes) else { return (nil, false) }
  if image.width != header.width || image.height != header.height || image.channels != header.channels {
    return ("announced \(header.width)x\(header.height)x\(header.channels)", true)
  }
  if again, (try? decoder.decode(bytes)) != image { return ("another picture at the second reading", true) }
  if let small = try? decoder.decode(bytes, for: input) {
    _ = input.apply(to: small)
  } else {
    return ("decoded in full and not at a reduced scale", true)
  }
  return (nil, true)
}

func peakMebibytes() -> Int { Int(ProcessMemory.peakMebibytes) }

func processorSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// Says what is wrong, and how to repeat it.
func report(_ number: UInt64, _ name: String, _ problem: String) {
  print("file \(number), made from \(name): \(problem); repeat it with --seed \(seed) --file \(number)")
}

if let number = option("--file") {
  let (name, bytes) = mutation.file(number)
  print("\(name), \(bytes.count) bytes: \(bytes.map { String($0, radix: 16) }.joined(separator: " "))")
  do throws(ImageError) {
    let image = try decoder.decode(bytes)
    print("\(image.width)x\(image.height)x\(image.channels)")
  } catch {
    print(error)
  }
  print(finding(bytes, again: true).problem ?? "nothing is wrong")
  exit(0)
}

var folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
if !folder.hasSuffix("/") { folder += "/" }
let place = "\(folder)nunchi-fuzz-\(getpid())"
let state = open(place, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
print("seed \(seed), \(Int(duration)) s; the number of the file under way: \(place)")
var problems = 0
var number: UInt64 = 0
var decoded = 0
var slowest = (seconds: 0.0, file: UInt64(0))
let start = ContinuousClock.now
while start.duration(to: .now) < .seconds(duration) {
  let (name, bytes) = mutation.file(number)
  var line = Array("\(number)\n".utf8)
  _ = pwrite(state, &line, line.count, 0)
  // A minute of waiting is a hang, and ends the process.
  alarm(60)
  let before = processorSeconds()
  let result = finding(bytes, again: number % 4 == 0)
  let taken = processorSeconds() - before
  if taken > slowest.seconds { slowest = (taken, number) }
  decoded += result.decoded ? 1 : 0
  if let problem = result.problem {
    report(number, name, problem)
    problems += 1
  }
  if taken > mostSeconds {
    report(number, name, "\(taken) s of processor time")
    problems += 1
  }
  if peakMebibytes() > mostMebibytes {
    report(number, name, "\(peakMebibytes()) MiB")
    problems += 1
    break
  }
  number += 1
}
alarm(0)
close(state)
unlink(place)
print(
  "\(number) files, \(decoded) of them still pictures, \(problems) problems; slowest \(Int(slowest.seconds * 1000)) ms "
    + "(file \(slowest.file)), most memory \(peakMebibytes()) MiB")
exit(problems == 0 ? 0 : 1)
