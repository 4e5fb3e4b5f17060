import NunchiTensors

/// Compares the gradients of a differentiated graph with central differences, both by the reference in Double.
///
/// The difference is Richardson's (4·D(h/2) − D(h)) / 3 of central differences D, whose error falls with h⁴. Where it
/// disagrees with the gradient at every step size tried, but the slopes to the left and right disagree too, the point
/// is a kink (ReLU at 0, two equal maxima) and counts apart.
public struct GradientCheck: Sendable {
  /// What is checked.
  public enum Kind: String, Sendable, Hashable {
    /// One operation by itself.
    case operation
    /// A network with its loss.
    case model
  }

  /// The result of one check.
  public struct Row: Sendable, Hashable {
    /// What was checked: an operation, or a parameter of a model.
    public let name: String
    /// Whether that is an operation or a model.
    public let kind: Kind
    /// Of samples that are no kinks: |analytic − numeric| / max(|analytic|, |numeric|, `floor`).
    public let worstRelativeError: Double
    /// Derivatives compared, kinks included.
    public let samples: Int
    /// Samples left out because the function has a kink there.
    public let kinks: Int
    /// The parameter and element of the worst error.
    public let worst: String

    /// Whether the error is below `tolerance` and at most 1 % of the samples (or one) were kinks.
    public var passes: Bool { worstRelativeError < GradientCheck.tolerance && kinks <= max(1, samples / 100) }
  }

  /// The largest relative error that counts as right.
  public static let tolerance = 1e-5
  /// Gradients smaller than this are compared absolutely: rounding of a loss near 1 would drown them.
  public static let floor = 1e-4

  private static let steps = [1e-3, 1e-4, 1e-5, 1e-6]
  /// Left and right slopes that differ by more than this share of the larger one, at the smallest step, are a kink.
  private static let kinkShare = 1e-3

  /// Derivatives compared for each parameter; all of them where it has no more elements.
  public var samplesPerParameter: Int
  /// Chooses the elements that are compared.
  public var seed: UInt64

  /// A check that compares so many elements of each parameter.
  public init(samplesPerParameter: Int = 24, seed: UInt64 = 0) {
    self.samplesPerParameter = samplesPerParameter
    self.seed = seed
  }

  /// Checks the gradient of the scalar that `loss` records with respect to each of `parameters`.
  public func run(
    _ name: String, _ kind: Kind, parameters: [(name: String, parameter: Parameter)],
    executor: ReferenceExecutor<Double>, mode: Mode = .training, loss: (Tracer) throws -> Value
  ) throws -> Row {
    let forward = try trace(mode) { $0.output("loss", try loss($0)) }
    let differentiated = try trace(mode) { tracer in
      try tracer.differentiate(try loss(tracer), for: parameters.map(\.parameter))
    }
    let gradients = executor.run(differentiated).gradients
    var tally = Tally()
    for (label, parameter) in parameters {
      for index in sample(parameter, label) {
        let analytic = gradients[parameter]!.values[index]
        let slope = Slope(graph: forward, executor: executor, parameter: parameter, index: index)
        tally.add(Self.compare(analytic, slope), "\(label)[\(index)]")
      }
    }
    return Row(
      name: name, kind: kind, worstRelativeError: tally.worstError, samples: tally.samples, kinks: tally.kinks,
      worst: tally.worst)
  }

  private enum Outcome {
    case error(Double)
    case kink
  }

  private struct Tally {
    var samples = 0
    var kinks = 0
    var worstError = 0.0
    var worst = ""

    mutating func add(_ outcome: Outcome, _ place: String) {
      samples += 1
      switch outcome {
      case .kink: kinks += 1
      // A NaN is the worst of errors.
      case .error(let error) where !(error <= worstError):
        (worstError, worst) = (error.isNaN ? .infinity : error, place)
      case .error: break
      }
    }
  }

  private static func compare(_ analytic: Double, _ slope: Slope) -> Outcome {
    var best = Double.infinity
    for step in steps {
      let numeric = slope.central(step)
      let error = abs(analytic - numeric) / max(abs(analytic), abs(numeric), floor)
      best = error.isNaN ? best : min(best, error)
      // A larger step that fails may have crossed a kink or a bend; a smaller one then decides.
      if best < tolerance / 100 { break }
    }
    if best < tolerance { return .error(best) }
    let (left, right) = slope.oneSided(steps[steps.count - 1])
    let isKink = abs(left - right) > kinkShare * max(abs(left), abs(right), floor)
    return isKink ? .kink : .error(best)
  }

  /// The elements compared: all, or a sample without repetition.
  private func sample(_ parameter: Parameter, _ label: String) -> [Int] {
    let count = parameter.shape.count
    guard count > samplesPerParameter else { return Array(0..<count) }
    var stream = RandomStream(seed: seed, name: "gradient-check/" + label)
    return stream.permutation(count).prefix(samplesPerParameter).sorted()
  }
}

/// The loss as a function of one element of one parameter.
private struct Slope {
  let graph: Graph
  let executor: ReferenceExecutor<Double>
  let parameter: Parameter
  let index: Int

  private func loss(_ offset: Double) -> Double {
    var moved = executor
    moved.parameters[parameter]!.values[index] += offset
    return moved.run(graph).outputs["loss"]!.values[0]
  }

  /// Richardson's extrapolation of two central differences.
  func central(_ step: Double) -> Double {
    let wide = (loss(step) - loss(-step)) / (2 * step)
    let narrow = (loss(step / 2) - loss(-step / 2)) / step
    return (4 * narrow - wide) / 3
  }

  func oneSided(_ step: Double) -> (left: Double, right: Double) {
    let here = loss(0)
    return ((here - loss(-step)) / step, (loss(step) - here) / step)
  }
}
