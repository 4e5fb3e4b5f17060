import NunchiDatasets
import NunchiDocuments
import NunchiEvaluation
import NunchiImages
import NunchiTensors
import NunchiTraining
import Testing

@Suite(.serialized) struct TrainerTests {
  @Test func aSmallNetworkLearnsThePatterns() throws {
    let result = try Trainer(patternSettings(epochs: 12), dataset: patternSet(160)).run()
    for r in result.history { print(r.epoch, r.trainLoss, r.validationLoss ?? -1, r.validation?.accuracy ?? -1) }
    #expect(result.test!.metrics.accuracy >= 0.95)
    #expect(result.ending == .completed)
  }
}
