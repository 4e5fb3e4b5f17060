/// An option with a value: `--epochs 30`, `--epochs=30`, `-e 30`, `-e30`.
///
/// `$epochs.origin` is where the value comes from. An array collects an option that is given several times.
@propertyWrapper
package struct Option<Value> {
  let slot: Slot<Value>

  package var wrappedValue: Value {
    get { slot.required }
    nonmutating set { slot.value = newValue }
  }

  package var projectedValue: Given { Given(origin: slot.origin) }
}

/// A positional argument: `nunchi train DATA`. An optional may be missing, an array takes several.
@propertyWrapper
package struct Argument<Value> {
  let slot: Slot<Value>

  package var wrappedValue: Value {
    get { slot.required }
    nonmutating set { slot.value = newValue }
  }

  package var projectedValue: Given { Given(origin: slot.origin) }
}

/// A flag: `--json`, and with `.prefixedNo` also `--no-json`.
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

/// The options of another type, as if they were declared here.
@propertyWrapper
package struct OptionGroup<Group: ParsableArguments> {
  package var wrappedValue: Group

  package init() { wrappedValue = Group() }
}

/// Where a value comes from.
package struct Given: Hashable, Sendable {
  package let origin: Origin
  package var isGiven: Bool { origin != .default }
}

// MARK: - Initialisers

extension Option where Value: ExpressibleByArgument {
  package init(wrappedValue: Value, name: [OptionName] = [.long], help: ArgumentHelp = "") {
    slot = Slot(.option(repeats: false), name, help, single: wrappedValue)
  }

  /// A required option.
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

  /// A required argument.
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

  /// Any number of arguments.
  package init<Element: ExpressibleByArgument>(
    wrappedValue: Value, help: ArgumentHelp = ""
  ) where Value == [Element] {
    slot = Slot(.argument(minimum: 0, maximum: .max), [.long], help, several: wrappedValue)
  }

  /// At least one argument.
  package init<Element: ExpressibleByArgument>(help: ArgumentHelp = "") where Value == [Element] {
    slot = Slot(.argument(minimum: 1, maximum: .max), [.long], help, several: nil)
  }
}
