import NunchiArguments
import NunchiImages

/// `--augment`, in every verb that changes pictures at random.
struct AugmentationOption: ParsableArguments {
  @Option(help: ArgumentHelp("random changes: none, light, medium, heavy, trivial or a text", valueName: "TEXT"))
  var augment = "light"

  func validate() throws {
    do throws(AugmentationError) {
      _ = try Augmentation(parsing: augment)
    } catch {
      throw ValidationError("--augment: \(error)")
    }
  }

  /// The augmentation of the text.
  var augmentation: Augmentation {
    guard let augmentation = try? Augmentation(parsing: augment) else {
      preconditionFailure("--augment is validated before it is used")
    }
    return augmentation
  }
}
