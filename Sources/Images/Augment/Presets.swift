extension Augmentation {
  /// An augmentation that has a name of its own.
  package struct Preset: Sendable {
    package let name: String
    package let summary: String
    package let augmentation: Augmentation

    fileprivate init(_ name: String, _ summary: String, _ text: String) {
      (self.name, self.summary) = (name, summary)
      do throws(AugmentationError) {
        augmentation = try AugmentationParser(text, presets: []).parse()
      } catch {
        preconditionFailure("the preset \(name): \(error)")
      }
    }
  }

  /// Mildest first.
  package static let presets = [
    Preset("none", "pictures stay as they are", ""),
    Preset(
      "light", "for photographs, when nothing else is known",
      """
      flip-horizontal(0.5), rotate(degrees: 10), translate-x(share: 0.1), translate-y(share: 0.1), \
      brighten(share: 0.2), contrast(share: 0.2)
      """),
    Preset(
      "medium", "for a few hundred pictures and many epochs",
      """
      flip-horizontal(0.5), rotate(degrees: 15), zoom(share: 0.15), translate-x(share: 0.12), \
      translate-y(share: 0.12), sometimes(0.5, one-of(shear-x(degrees: 8), perspective(share: 0.15))), \
      brighten(share: 0.3), contrast(share: 0.3), saturation(share: 0.3), \
      sometimes(0.3, one-of(gaussian-blur(sigma: 1), noise(deviation: 8), sharpen(strength: 0.5)))
      """),
    Preset(
      "heavy", "for very few pictures; training needs more epochs",
      """
      flip-horizontal(0.5), rotate(degrees: 25), crop(share: 0.3), translate-x(share: 0.15), \
      translate-y(share: 0.15), sometimes(0.7, one-of(shear-x(degrees: 15), shear-y(degrees: 15), \
      perspective(share: 0.3), elastic(alpha: 3, sigma: 12))), brighten(share: 0.4), contrast(share: 0.4), \
      saturation(share: 0.5), hue(degrees: 15), sometimes(0.5, one-of(gaussian-blur(sigma: 1.5), \
      motion-blur(length: 6), noise(deviation: 15), sharpen(strength: 0.7), jpeg(quality: 30))), \
      sometimes(0.4, one-of(erase(share: 0.12), coarse-dropout(share: 0.15, size: 12)))
      """),
    Preset(
      "trivial", "one transform at a random strength (TrivialAugment); nothing to tune",
      """
      one-of(flip-horizontal, rotate(degrees: 45), shear-x(degrees: 25), shear-y(degrees: 25), \
      translate-x(share: 0.3), translate-y(share: 0.3), zoom(share: 0.3), brighten(share: 0.7), \
      contrast(share: 0.7), saturation(share: 0.9), sharpen(strength: 1), posterise(bits: 5), solarise(reach: 200), \
      gaussian-blur(sigma: 2))
      """),
  ]

  /// Horizontal flip 0.5, rotation up to 10 degrees, shift up to 10 %, brightness and contrast up to 20 %.
  public static let light = preset("light")

  private static func preset(_ name: String) -> Augmentation { presets.first { $0.name == name }!.augmentation }
}
