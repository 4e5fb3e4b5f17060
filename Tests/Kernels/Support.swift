import KernelRecorder
import NunchiKernels
import NunchiSystem
import NunchiTensors
import Testing

/// The unit roundoff of Float: half the distance between 1 and the next number.
let unit = 0x1p-24

/// Every instruction set that runs here. With a recording, the best of them writes down its calls, whose answers the
/// tests then hold against their oracles like those of any other.
let tables: [nk_table] = {
  let tables = [NK_PORTABLE, NK_NEON, NK_AVX2, NK_AVX512].compactMap { nk_kernels($0) }
  let recorded = recording.map { path in
    precondition(tables.last!.pointee.fused_multiply_add == 1, "the bits recorded are those of fused multiply-add")
    guard let recorder = kernel_recorder_start(tables.last!, path) else { fatalError("\(path) cannot be written") }
    return recorder
  }
  return (tables.dropLast() + [recorded ?? tables.last!]).map(\.pointee)
}()

/// Where the calls of kernels are recorded for machines without Swift (`make neon-check`), if they are.
private let recording = getenv("NUNCHI_KERNEL_CALLS").map { String(cString: $0) }

/// An array whose last byte stands right before a page that traps: reading or writing beyond it crashes. In front of it
/// stands a fence of known bytes.
final class Guarded<Element: BitwiseCopyable> {
  let count: Int
  let pointer: UnsafeMutablePointer<Element>
  private let memory: AlignedMemory
  private let fence: UnsafeMutableRawBufferPointer

  /// All bytes are 0xFF, which is NaN as a float and -1 as an integer.
  init(count: Int) {
    let bytes = count * MemoryLayout<Element>.stride
    let mapped = (bytes + 64).roundedUp(toMultipleOf: AlignedMemory.alignment)
    memory = AlignedMemory(byteCount: mapped, guarded: true)
    memset(memory.base, 0xFF, mapped)
    fence = UnsafeMutableRawBufferPointer(start: memory.base, count: mapped - bytes)
    pointer = (memory.base + mapped - bytes).bindMemory(to: Element.self, capacity: max(count, 1))
    self.count = count
    if recording != nil { kernel_recorder_announce(pointer, Int64(bytes)) }
  }

  deinit { if recording != nil { kernel_recorder_forget(pointer) } }

  convenience init(_ elements: [Element]) {
    self.init(count: elements.count)
    for (index, element) in elements.enumerated() { pointer[index] = element }
  }

  /// The contents; reports a fence that was written.
  var elements: [Element] {
    if !fence.allSatisfy({ $0 == 0xFF }) { Issue.record("memory in front of the array was written") }
    return withExtendedLifetime(memory) { Array(UnsafeBufferPointer(start: pointer, count: count)) }
  }

  var constant: UnsafePointer<Element> { UnsafePointer(pointer) }
}

/// What a kernel must give, and how far each element may be off.
struct Expectation {
  var values: [Double] = []
  var bounds: [Double] = []

  mutating func append(_ value: Double, within bound: Double) {
    values.append(value)
    bounds.append(bound)
  }

  /// The element with the largest error relative to its bound, where one is beyond it.
  func worst(of actual: [Float]) -> String? {
    guard actual.count == values.count else { return "\(actual.count) elements instead of \(values.count)" }
    var worst: (share: Double, text: String)?
    for (index, (value, bound)) in zip(values, bounds).enumerated() {
      let found = Double(actual[index])
      if found == value || (found.isNaN && value.isNaN) || (Float(value).isInfinite && found == Double(Float(value))) {
        continue
      }
      let error = abs(found - value)
      if error <= bound { continue }
      let share = error.isFinite ? error / bound : .infinity
      if worst == nil || share > worst!.share {
        worst = (share, "element \(index) is \(found) instead of \(value): \(share) times the bound \(bound)")
      }
    }
    return worst?.text
  }
}

/// The first element in which two results differ by a bit; all NaN are one.
func firstDifference(_ a: [Float], _ b: [Float]) -> String? {
  guard a.count == b.count else { return "\(a.count) elements and \(b.count)" }
  for index in a.indices where a[index].bitPattern != b[index].bitPattern && !(a[index].isNaN && b[index].isNaN) {
    return "element \(index) is \(a[index]) and \(b[index])"
  }
  return nil
}

/// Runs a kernel on every instruction set, compares each with the expectation, and those with fused multiply-add bit by
/// bit with each other.
func check(
  _ problem: @autoclosure () -> String, _ expected: Expectation, sourceLocation: SourceLocation = #_sourceLocation,
  run: (nk_table) -> [Float]
) {
  var fused: [Float]?
  for table in tables {
    let actual = run(table)
    let name = String(cString: nk_isa_name(table.isa))
    if let worst = expected.worst(of: actual) {
      Issue.record("\(problem()) on \(name): \(worst)", sourceLocation: sourceLocation)
    }
    guard table.fused_multiply_add == 1 else { continue }
    if let fused, let difference = firstDifference(fused, actual) {
      Issue.record(
        "\(problem()) on \(name): not the bits of the set before: \(difference)", sourceLocation: sourceLocation)
    }
    fused = actual
  }
}

/// Extents that hit every tail of a vector, and some beyond: element `index` of the list.
func extent(_ index: Int) -> Int { [0, 1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 47, 64, 65, 100][index % 18] }

extension RandomStream {
  /// An integer of a closed range.
  mutating func integer(in range: ClosedRange<Int>) -> Int { range.lowerBound + integer(below: range.count) }

  /// Numbers around zero.
  mutating func numbers(_ count: Int, _ range: ClosedRange<Float> = -2...2) -> [Float] {
    (0..<count).map { _ in uniform(range) }
  }
}

extension Double {
  /// The distance between neighbouring floats at this number.
  var floatUlp: Double {
    let rounded = Float(self)
    return rounded.isFinite ? Double(rounded.ulp) : Double(Float.greatestFiniteMagnitude.ulp)
  }
}
