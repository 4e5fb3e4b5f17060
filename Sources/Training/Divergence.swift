/// How a training diverged: where numbers became infinite, NaN or absurdly large.
public struct Divergence: Hashable, Sendable {
  /// Whether the batch was of training or of validation.
  package enum Pass: String, Hashable, Sendable { case training, validation }

  /// What was out of bounds first.
  package enum Place: Hashable, Sendable {
    /// The outputs of a layer, such as `3 (Dense(128 → 10))`.
    case outputs(layer: String)
    /// The gradient of a parameter, such as `3.weight`, while the outputs of all layers were in bounds.
    case gradient(parameter: String)
  }

  package let place: Place
  package let pass: Pass
  /// The epoch, counted from 1.
  public let epoch: Int
  /// The batch, counted from 1 within the pass over the images.
  public let batch: Int
  /// The loss of the batch.
  public let loss: Float
  /// The highest learning rate of the schedule.
  public let rate: Float
  /// The run folder, which has the weights of earlier epochs; nil where nothing was written.
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

  /// What to do about it, in a sentence.
  public var remedy: String {
    "train anew with a lower --lr such as \(lowerRate), or a longer --warmup; --find-lr looks for a rate, and nunchi data "
      + "check for damaged pictures"
  }

  /// A tenth of the rate, and at most 1e-3.
  private var lowerRate: Float { Float(min((Double(rate.description) ?? 0) / 10, 1e-3)) }
}
