import NunchiTensors
import Synchronization

/// The identity of a learned tensor or running statistic, with its shape and initialiser. Its values live in `Weights`.
/// Copies are the same parameter; layers that share one share its values, and their gradients are added.
public struct Parameter: Sendable, Hashable {
  /// What the parameter is for; decides weight decay and whether the optimizer sees it.
  public enum Role: String, Sendable, Hashable {
    /// Multiplies its input; decays.
    case weight
    /// Adds; does not decay.
    case bias
    /// Scale and shift of a normalisation; does not decay.
    case normalization
    /// Measured, not learned: running mean and variance.
    case statistic
  }

  /// The order of the axes in memory, beside PyTorch's order in files.
  public enum Layout: String, Sendable, Hashable {
    /// The same axes here and in files.
    case plain
    /// Here `[kernel height, kernel width, inputs, outputs]`, in files `[outputs, inputs, kernel height, kernel width]`; of a
    /// transposed convolution inputs and outputs stand in each other's place, here and there.
    case convolution
    /// Here `[height, width, channels]`, in files `[channels, height, width]`.
    case image
    /// Here `[inputs, outputs]`, in files `[outputs, inputs]`.
    case dense
  }

  /// The extent of each axis.
  public let shape: Shape
  /// What the parameter is for.
  public let role: Role
  /// How its axes lie in files.
  public let layout: Layout
  /// How its values start.
  public let initializer: Initializer
  /// The inputs of one unit, for the initialiser.
  public let fanIn: Int
  /// The outputs of one unit, for the initialiser.
  public let fanOut: Int
  private let identity: UInt64

  /// A new parameter, different from every other one.
  public init(
    _ shape: Shape, role: Role, layout: Layout = .plain, initializer: Initializer, fanIn: Int = 1, fanOut: Int = 1
  ) {
    self.shape = shape
    self.role = role
    self.layout = layout
    self.initializer = initializer
    self.fanIn = fanIn
    self.fanOut = fanOut
    identity = Self.identities.add(1, ordering: .relaxed).newValue
  }

  private static let identities = Atomic<UInt64>(0)

  public static func == (a: Parameter, b: Parameter) -> Bool { a.identity == b.identity }
  public func hash(into hasher: inout Hasher) { hasher.combine(identity) }
}
