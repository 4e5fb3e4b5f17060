import NunchiDatasets
import NunchiDocuments
import NunchiInference
import Testing

@Suite struct TrainingContentsTests {
  /// Pictures are found again by their content, wherever they lie.
  @Test func findsWhatWasTrainedOn() throws {
    let (old, new) = (grays([10, 20, 30]), grays([20, 40, 30]))
    let training = Dataset(classes: ["a", "b"], train: old.map { ($0, 0) })
    let other = Dataset(classes: ["a", "b"], train: [], test: new.map { ($0, 1) })
    let contents = TrainingContents(training)
    #expect(contents.count == 3)
    #expect(contents.known(other, .test) == ["test/0", "test/2"])
    let read = try #require(TrainingContents(provenance: .object(.init([.init(TrainingContents.key, contents.json)]))))
    #expect(read == contents)
    #expect(TrainingContents(provenance: ["seed": 1]) == nil)
    #expect(TrainingContents(provenance: ["training_contents": "0123"]) == nil)
    #expect(TrainingContents(provenance: ["training_contents": "01234567890g"]) == nil)
  }
}
