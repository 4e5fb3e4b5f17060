/// Where and how a training left the finite numbers, or all reason.
public struct Divergence: Hashable, Sendable {
  /// What the network did with the batch.
  package enum Pass: String, Hashable, Sendable { case training, validation }

  /// What went out of bounds first.
  package enum Place: Hashable, Sendable {
    /// What a layer gave, such as `3 (Dense(128 → 10))`.
    case outputs(layer: String)
    /// The gradient of a parameter, such as `3.weight`, while the outputs of all layers were in bounds.
    case gradient(parameter: String)
  }

  package let place: Place
  package let pass: Pass
  /// Counted from 1.
  public let epoch: Int
  /// Counted from 1 within the epoch's pass.
  public let batch: Int
  /// The loss of that batch.
  public let loss: Float
  /// The highest rate of the training.
  public let rate: Float
  /// The run folder, where there is one: what was learned before stands in it.
  public let run: String?

  package init(place: Place, pass: Pass, epoch: Int, batch: Int, loss: Float, rate: Float, run: String?) {
    (self.place, self.pass, self.epoch, self.batch) = (place, pass, epoch, batch)
    (self.loss, self.rate, self.run) = (loss, rate, run)
  }

  /// What happened, in a sentence.
  public var problem: String {
    let place =
      switch place {
      case .outputs(let layer): "the outputs of layer \(layer)"
      case .gradient(let parameter): "the gradient of \(parameter)"
      }
    return "training diverged in epoch \(epoch), \(pass == .validation ? "validation " : "")batch \(batch): expected "
      + "bounded numbers, found others in \(place), and a loss of \(loss)"
  }

  /// What helps.
  public var remedy: String {
    "train anew with a lower --lr such as \(lowerRate), or a longer --warmup; --find-lr looks for a rate, and nunchi data "
      + "check for damaged pictures"
  }

  /// A tenth, and no more than what suits most trainings.
  private var lowerRate: Float { Float(min((Double(rate.description) ?? 0) / 10, 1e-3)) }
}
