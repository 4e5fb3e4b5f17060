/// An option with a value: `--epochs 30`, `--epochs=30`, `-e 30`, `-e30`.
///
/// `$epochs.origin` tells where the value comes from. An array takes the option several times.
@propertyWrapper
package struct Option<Value> {
  let slot: Slot<Value>

  package var wrappedValue: Value {
    get { slot.required }
    nonmutating set { slot.value = newValue }
  }

  package var projectedValue: Given { Given(origin: slot.origin) }
}

/// A value by its place: `nunchi train DATA`. An optional one may be missing, an array takes several.
@propertyWrapper
package struct Argument<Value> {
  let slot: Slot<Value>

  package var wrappedValue: Value {
    get { slot.required }
    nonmutating set { slot.value = newValue }
  }

  package var projectedValue: Given { Given(origin: slot.origin) }
}

/// A switch: `--json`, and with `.prefixedNo` also `--no-json`.
@propertyWrapper
package struct Flag {
  let slot: Slot<Bool>

  package var wrappedValue: Bool {
    get { slot.required }
    nonmutating set { slot.value = newValue }
  }

  package var projectedValue: Given { Given(origin: slot.origin) }

  package enum Inversion: Hashable, Sendable {
    case none, prefixedNo
  }

  package init(
    wrappedValue: Bool = false, name: [OptionName] = [.long], inversion: Inversion = .none, help: ArgumentHelp = ""
  ) {
    slot = Slot(
      .flag(inverted: inversion == .prefixedNo), name, help, SlotType(Bool.self), value: wrappedValue,
      text: { [$0.argumentText] }, read: { Bool(argument: $0.last ?? "") })
  }
}

/// The options of another type as if they stood here.
@propertyWrapper
package struct OptionGroup<Group: ParsableArguments> {
  package var wrappedValue: Group

  package init() { wrappedValue = Group() }
}

/// Whether and where a value was given.
package struct Given: Hashable, Sendable {
  package let origin: Origin
  package var isGiven: Bool { origin != .default }
}

// MARK: - Options of one value, optional, repeated

extension Option where Value: ExpressibleByArgument {
  package init(wrappedValue: Value, name: [OptionName] = [.long], help: ArgumentHelp = "") {
    slot = Slot(.option(repeats: false), name, help, single: wrappedValue)
  }

  /// An option that must be given.
  package init(name: [OptionName] = [.long], help: ArgumentHelp = "") {
    slot = Slot(.option(repeats: false), name, help, single: nil)
  }
}

extension Option {
  package init<Element: ExpressibleByArgument>(
    wrappedValue: Value = nil, name: [OptionName] = [.long], help: ArgumentHelp = ""
  ) where Value == Element? {
    slot = Slot(.option(repeats: false), name, help, optional: wrappedValue)
  }

  package init<Element: ExpressibleByArgument>(
    wrappedValue: Value, name: [OptionName] = [.long], help: ArgumentHelp = ""
  ) where Value == [Element] {
    slot = Slot(.option(repeats: true), name, help, several: wrappedValue)
  }
}

extension Argument where Value: ExpressibleByArgument {
  package init(wrappedValue: Value, help: ArgumentHelp = "") {
    slot = Slot(.argument(minimum: 0, maximum: 1), [.long], help, single: wrappedValue)
  }

  /// An argument that must be given.
  package init(help: ArgumentHelp = "") {
    slot = Slot(.argument(minimum: 1, maximum: 1), [.long], help, single: nil)
  }
}

extension Argument {
  package init<Element: ExpressibleByArgument>(
    wrappedValue: Value = nil, help: ArgumentHelp = ""
  ) where Value == Element? {
    slot = Slot(.argument(minimum: 0, maximum: 1), [.long], help, optional: wrappedValue)
  }

  /// None or several.
  package init<Element: ExpressibleByArgument>(
    wrappedValue: Value, help: ArgumentHelp = ""
  ) where Value == [Element] {
    slot = Slot(.argument(minimum: 0, maximum: .max), [.long], help, several: wrappedValue)
  }

  /// One or several.
  package init<Element: ExpressibleByArgument>(help: ArgumentHelp = "") where Value == [Element] {
    slot = Slot(.argument(minimum: 1, maximum: .max), [.long], help, several: nil)
  }
}
