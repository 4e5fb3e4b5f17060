/// An option with a value: `--epochs 30`, `--epochs=30`, `-e 30`, `-e30`.
///
/// `$epochs.origin` tells where the value comes from. An array takes the option several times.
@propertyWrapper
public struct Option<Value> {
  let slot: Slot<Value>

  public var wrappedValue: Value {
    get { slot.required }
    nonmutating set { slot.value = newValue }
  }

  public var projectedValue: Given { Given(origin: slot.origin) }
}

/// A value by its place: `nunchi train DATA`. An optional one may be missing, an array takes several.
@propertyWrapper
public struct Argument<Value> {
  let slot: Slot<Value>

  public var wrappedValue: Value {
    get { slot.required }
    nonmutating set { slot.value = newValue }
  }

  public var projectedValue: Given { Given(origin: slot.origin) }
}

/// A switch: `--json`, and with `.prefixedNo` also `--no-json`.
@propertyWrapper
public struct Flag {
  let slot: Slot<Bool>

  public var wrappedValue: Bool {
    get { slot.required }
    nonmutating set { slot.value = newValue }
  }

  public var projectedValue: Given { Given(origin: slot.origin) }

  public enum Inversion: Hashable, Sendable {
    case none, prefixedNo
  }

  public init(
    wrappedValue: Bool = false, name: [OptionName] = [.long], inversion: Inversion = .none, help: ArgumentHelp = ""
  ) {
    slot = Slot(
      .flag(inverted: inversion == .prefixedNo), name, help, SlotType(Bool.self), value: wrappedValue,
      text: { [$0.argumentText] }, read: { Bool(argument: $0.last ?? "") })
  }
}

/// The options of another type as if they stood here.
@propertyWrapper
public struct OptionGroup<Group: ParsableArguments> {
  public var wrappedValue: Group

  public init() { wrappedValue = Group() }
}

/// Whether and where a value was given.
public struct Given: Hashable, Sendable {
  public let origin: Origin
  public var isGiven: Bool { origin != .default }
}

// MARK: - Options of one value, optional, repeated

extension Option where Value: ExpressibleByArgument {
  public init(wrappedValue: Value, name: [OptionName] = [.long], help: ArgumentHelp = "") {
    slot = Slot(.option(repeats: false), name, help, single: wrappedValue)
  }

  /// An option that must be given.
  public init(name: [OptionName] = [.long], help: ArgumentHelp = "") {
    slot = Slot(.option(repeats: false), name, help, single: nil)
  }
}

extension Option {
  public init<Element: ExpressibleByArgument>(
    wrappedValue: Value = nil, name: [OptionName] = [.long], help: ArgumentHelp = ""
  ) where Value == Element? {
    slot = Slot(.option(repeats: false), name, help, optional: wrappedValue)
  }

  public init<Element: ExpressibleByArgument>(
    wrappedValue: Value, name: [OptionName] = [.long], help: ArgumentHelp = ""
  ) where Value == [Element] {
    slot = Slot(.option(repeats: true), name, help, several: wrappedValue)
  }
}

extension Argument where Value: ExpressibleByArgument {
  public init(wrappedValue: Value, help: ArgumentHelp = "") {
    slot = Slot(.argument(minimum: 0, maximum: 1), [.long], help, single: wrappedValue)
  }

  /// An argument that must be given.
  public init(help: ArgumentHelp = "") {
    slot = Slot(.argument(minimum: 1, maximum: 1), [.long], help, single: nil)
  }
}

extension Argument {
  public init<Element: ExpressibleByArgument>(
    wrappedValue: Value = nil, help: ArgumentHelp = ""
  ) where Value == Element? {
    slot = Slot(.argument(minimum: 0, maximum: 1), [.long], help, optional: wrappedValue)
  }

  /// None or several.
  public init<Element: ExpressibleByArgument>(
    wrappedValue: Value, help: ArgumentHelp = ""
  ) where Value == [Element] {
    slot = Slot(.argument(minimum: 0, maximum: .max), [.long], help, several: wrappedValue)
  }

  /// One or several.
  public init<Element: ExpressibleByArgument>(help: ArgumentHelp = "") where Value == [Element] {
    slot = Slot(.argument(minimum: 1, maximum: .max), [.long], help, several: nil)
  }
}
