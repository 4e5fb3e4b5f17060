/// How far drawn faces stray from a plain portrait.
struct FaceVariety {
  /// Half a head's height in sides of the picture, and the share of small faces among them.
  let nearness: ClosedRange<Float>
  let smallShare: Float
  /// Of the way to the edge that a head may be off the middle, and of the turns that it may have.
  let drift: Float
  let turning: Float
  /// Among the faces without a proper mask, those that wear one under the nose or on the chin.
  let wronglyWorn: Float
  let held: Float
  let spareMask: Float
  /// Of the shadows, the exposures, the blur and the grain that there may be.
  let roughness: Float

  init(_ difficulty: GeneratedFaces.Difficulty) {
    switch difficulty {
    case .easy:
      (nearness, smallShare, drift, turning) = (0.31...0.37, 0, 0.2, 0.4)
      (wronglyWorn, held, spareMask, roughness) = (0.08, 0.08, 0.04, 0.4)
    case .hard:
      (nearness, smallShare, drift, turning) = (0.22...0.36, 0.2, 1, 1)
      (wronglyWorn, held, spareMask, roughness) = (0.42, 0.3, 0.13, 1)
    }
  }
}
