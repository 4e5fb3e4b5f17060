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
    object["augment"] = JSON(augmentation.description)
    object["mix"] = .string(mixing.mixing.name.rawValue)
    object["mix-alpha"] = mixing.mixing.alpha.map { JSON($0) } ?? .null
    object["mix-plain"] = .integer(mixing.plainEpochs)
    object["from"] = JSON(start)
    object["freeze"] = .string(freeze.rawValue)
    object["epochs"] = .integer(epochs)
    object["batch"] = .integer(batch)
    object["accumulate"] = .integer(accumulation)
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
    object["folds"] = JSON(fold?.description)
    object["monitor"] = .string(monitor.description)
    object["patience"] = patience.map(JSON.integer) ?? .null
    object["min-delta"] = .number(minDelta)
    object["ema"] = averaging.map { JSON($0) } ?? .null
    object["time"] = timeBudget.map(JSON.number) ?? .null
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
    for name in ["data", "from", "threads", "out"] { object[name] = nil }
    return .object(object)
  }
}
