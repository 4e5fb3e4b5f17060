import NunchiDatasets
import NunchiDocuments
import NunchiInference
import NunchiTraining
import Testing

/// What a model remembers of its training files is taken in while they are read for something else: against files that are
/// missed, taken for one another or for those of another split.
@Suite(.serialized) struct ContentsTests {
  @Test(arguments: [1, 3]) func aModelRemembersItsFiles(_ threads: Int) throws {
    try withFolder { folder in
      let faces = folder + "/faces"
      try GeneratedFaces.write(to: faces, count: 50, size: 40, format: .png)
      try damageFirstMask(of: faces)
      var settings = patternSettings("mlp", epochs: 1)
      (settings.data, settings.size, settings.channels, settings.threads) = (faces, 8, 3, threads)
      let remembered = try Trainer(settings).run().best.provenance
      // Read anew, file by file.
      let set = try Dataset.open(path: faces)
      let contents = TrainingContents(set)
      #expect(contents.count == set.items(.train).count && remembered[TrainingContents.key] == contents.json)
    }
  }
}
