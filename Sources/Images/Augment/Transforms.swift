/// The registry of all transforms: what is not listed here can be neither written nor read as text.
package enum Transforms {
  package static let all: [any Transform.Type] = [
    FlipHorizontal.self, FlipVertical.self, Rotate.self, ShearX.self, ShearY.self, TranslateX.self, TranslateY.self,
    Zoom.self, Crop.self, CropAndPad.self, Perspective.self, Elastic.self,
    Brighten.self, Contrast.self, GammaContrast.self, Saturation.self, Hue.self, Grayscale.self, Invert.self,
    Solarise.self, Posterise.self, Sharpen.self, Emboss.self, GaussianBlur.self, MotionBlur.self, Noise.self,
    JPEGArtefacts.self, CoarseSalt.self, CoarseDropout.self, Erase.self, Superpixel.self,
    Clouds.self, Fog.self, Snowflakes.self, SnowyLandscape.self, Rain.self,
  ]

  /// The transform of this name, with the bounds that it has where nothing is said.
  package static func named(_ name: String) -> AnyTransform? {
    all.first { $0.name == name }.map { AnyTransform($0.init()) }
  }
}
