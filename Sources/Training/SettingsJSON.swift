import NunchiDocuments
import NunchiImages

extension TrainingSettings {
  /// Every setting under its flag's name. Those that are nil are null.
  public var json: JSON {
    var object = JSON.Object()
    object["data"] = .string(data)
    object["model"] = .string(model)
    object["size"] = size.map(JSON.integer) ?? .null
    object["channels"] = channels.map(JSON.integer) ?? .null
    object["width"] = .number(width)
    object["dropout"] = dropout.map { JSON($0) } ?? .null
    object["resize"] = .string(resize.rawValue)
    object["normalize"] = .string(normalization.rawValue)
    object["augment"] = augmentation.json
    object["epochs"] = .integer(epochs)
    object["batch"] = .integer(batch)
    object["lr"] = JSON(rate)
    object["optimizer"] = .string(optimizer.rawValue)
    object["loss"] = .string(loss.rawValue)
    object["label-smoothing"] = JSON(labelSmoothing)
    object["weight-decay"] = JSON(weightDecay)
    object["schedule"] = .string(schedule.rawValue)
    object["warmup"] = .number(warmup)
    object["imbalance"] = .string(imbalance.rawValue)
    object["validation"] = .number(fractions.validation)
    object["test"] = .number(fractions.test)
    object["monitor"] = .string(monitor.description)
    object["patience"] = patience.map(JSON.integer) ?? .null
    object["seed"] = seedJSON
    object["threads"] = threads.map(JSON.integer) ?? .null
    object["out"] = JSON(out)
    return .object(object)
  }

  /// A number, or its digits where only unsigned numbers hold it.
  var seedJSON: JSON { Int(exactly: seed).map(JSON.integer) ?? .string(String(seed)) }

  /// The settings that the weights depend on: without the threads, and without names of folders.
  var provenance: JSON {
    guard case .object(var object) = json else { return .null }
    for name in ["data", "threads", "out"] { object[name] = nil }
    return .object(object)
  }
}

extension Augmentation {
  /// The name where it has one, otherwise its numbers.
  var json: JSON {
    if isNone { return "none" }
    if self == .light { return "light" }
    return [
      "horizontal-flip": JSON(horizontalFlip), "vertical-flip": JSON(verticalFlip), "rotation": JSON(rotationDegrees),
      "shift": JSON(shiftFraction), "scale": JSON(scaleFraction), "brightness": JSON(brightness),
      "contrast": JSON(contrast),
    ]
  }

  /// What `json` wrote; nil for anything else.
  init?(json: JSON) {
    switch json {
    case "none": self = .none
    case "light": self = .light
    default:
      self.init()
      guard json.objectValue != nil else { return nil }
      func number(_ key: String) -> Float { Float(json[key]?.doubleValue ?? 0) }
      horizontalFlip = number("horizontal-flip")
      verticalFlip = number("vertical-flip")
      rotationDegrees = number("rotation")
      shiftFraction = number("shift")
      scaleFraction = number("scale")
      brightness = number("brightness")
      contrast = number("contrast")
    }
  }
}
