import NunchiDocuments
import NunchiModelFiles
import Testing

@Suite struct DecisionTests {
  /// A threshold that is compared the wrong way round, or that changes answers which it is not about.
  @Test func oneThresholdOfTwoClasses() {
    let decision = Decision(thresholds: [0.3, nil])
    #expect(decision.answer([0.3, 0.7] as [Float]) == 0)
    #expect(decision.answer([0.29, 0.71] as [Float]) == 1)
    #expect(Decision(thresholds: [nil, 0.9]).answer([0.2, 0.8] as [Float]) == 0)
    #expect(Decision.plain.answer([0.2, 0.8] as [Float]) == 1)
    #expect(Decision.plain.answer([0.5, 0.5] as [Float]) == 0)
  }

  /// Of several the one that is exceeded the most; where none is reached still an answer; 0 accepts everything.
  @Test func severalThresholds() {
    let all = Decision(thresholds: [0.2, 0.5, 0.9])
    #expect(all.answer([0.3, 0.6, 0.1] as [Float]) == 0)
    #expect(all.answer([0.1, 0.4, 0.5] as [Float]) == 1)
    #expect(Decision(thresholds: [0, nil, nil]).answer([0.1, 0.5, 0.4] as [Float]) == 0)
    #expect(Decision(thresholds: [nil, 2, nil]).answer([0.1, 0.5, 0.4] as [Float]) == 2)
    // Those of no class are none.
    #expect(Decision(thresholds: [nil, nil]) == .plain)
  }

  @Test func survivesTheFile() throws {
    let decision = Decision(temperature: 1.75, thresholds: [nil, 0.1])
    let settled = tiny().deciding(decision)
    try withModelPath { path in
      try ModelFile.write(settled, to: path)
      #expect(try ModelFile.read(path).decision == decision)
      #expect(bits(try ModelFile.read(path)) == bits(tiny()))
      try ModelFile.write(tiny(), to: path)
      // A plain model says nothing of it, as files written before.
      let text = try SafetensorsFile(path: path, checksum: .required).metadata("nunchi")!
      #expect(try JSON(parsing: text)["temperature"] == nil && !text.contains("thresholds"))
      #expect(try ModelFile.read(path).decision == .plain)
    }
  }

  /// What a damaged description says is refused by its place.
  @Test(arguments: [
    (#""temperature":1.75"#, #""temperature":-1.5"#, "temperature"),
    (#""thresholds":[null,0.1]"#, #""thresholds":[0.1]"#, "thresholds"),
    (#""thresholds":[null,0.1]"#, #""thresholds":["no"]"#, "thresholds.0"),
  ])
  func damage(text: String, replacement: String, place: String) throws {
    let settled = tiny().deciding(Decision(temperature: 1.75, thresholds: [nil, 0.1]))
    try withModelPath { path in
      try ModelFile.write(settled, to: path)
      let written = try SafetensorsFile(path: path, checksum: .required)
      let parts = written.metadata("nunchi")!.split(separator: text, omittingEmptySubsequences: false)
      #expect(parts.count == 2)
      let tensors: [SafetensorsWriter.Entry] = try written.tensors.map { tensor in
        (tensor.name, tensor.shape, try written.withFloats(named: tensor.name) { Array($0) })
      }
      try SafetensorsWriter.write(
        path: path, metadata: [("nunchi", parts.joined(separator: replacement))], tensors: tensors)
      do {
        _ = try ModelFile.read(path)
        Issue.record("\(replacement) was accepted")
      } catch {
        #expect("\(error)".contains(place), "\(error)")
      }
    }
  }
}
