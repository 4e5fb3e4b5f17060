import NunchiArguments
import NunchiImages
import NunchiTraining

extension ResizeRule: ExpressibleByArgument {}
extension SplitChoice: ExpressibleByArgument {}
extension ResampleFilter: ExpressibleByArgument {}

extension OptionList {
  /// Options for settings of a training, in the order of the help.
  init(settings names: [String]) {
    self.init(
      names.map { name in
        guard let setting = TrainingSetting.named(name) else { preconditionFailure("no setting is called \(name)") }
        return ListedOption(
          name, letter: setting.letter, help: setting.help, placeholder: setting.placeholder,
          expectation: setting.expectation, allValues: setting.allTexts, value: setting.defaultText,
          shown: setting.shown)
      })
  }
}

/// Options that change single parts of --augment.
struct AugmentationChanges: ParsableArguments {
  @Flag(inversion: .prefixedNo, help: "swap left and right at random, whatever --augment says") var flip = true
  @Option(help: ArgumentHelp("largest random turn", valueName: "DEGREES")) var rotation: Float?
  @Option(help: ArgumentHelp("largest random shift, a share of the side", valueName: "SHARE"))
  var shift: Float?

  func validate() throws {
    if let rotation, !(0...180).contains(rotation) {
      throw ValidationError("--rotation expects 0 to 180 degrees, found \(rotation)")
    }
    if let shift, !(0...1).contains(shift) {
      throw ValidationError("--shift expects a share from 0 to 1, found \(shift)")
    }
  }

  /// Applies the options to an augmentation.
  func apply(to augmentation: inout Augmentation) {
    if $flip.isGiven {
      augmentation = augmentation.removing(FlipHorizontal.self)
      if flip { augmentation.steps.insert(.sometimes(0.5, .transform(FlipHorizontal())), at: 0) }
    }
    if let rotation {
      augmentation = rotation > 0 ? augmentation.setting(Rotate(degrees: rotation)) : augmentation.removing(Rotate.self)
    }
    if let shift {
      augmentation =
        shift > 0
        ? augmentation.setting(TranslateY(share: shift)).setting(TranslateX(share: shift))
        : augmentation.removing(TranslateX.self).removing(TranslateY.self)
    }
  }
}
