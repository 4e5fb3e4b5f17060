/// The syntax of an option.
enum SlotForm: Equatable {
  case option(repeats: Bool)
  case flag(inverted: Bool)
  case argument(minimum: Int, maximum: Int)
}

/// How help and errors describe a type of values.
struct SlotType {
  let expectation: String
  let placeholder: String
  let allValues: [String]

  init(expectation: String, placeholder: String, allValues: [String]) {
    (self.expectation, self.placeholder, self.allValues) = (expectation, placeholder, allValues)
  }

  init<Value: ExpressibleByArgument>(_: Value.Type) {
    expectation = Value.expectation
    placeholder = Value.placeholder
    allValues = Value.allValueStrings
  }
}

/// What the parser needs of an option, independent of its type.
protocol AnySlot: AnyObject {
  var form: SlotForm { get }
  var names: [OptionName] { get }
  var help: ArgumentHelp { get }
  var type: SlotType { get }
  var origin: Origin { get set }
  /// The texts of the value, one for each element; `nil` where there is none.
  var texts: [String]? { get }
  /// Whether a required value is missing.
  var isMissing: Bool { get }
  /// Sets the value from texts; returns `false` where they are invalid.
  func read(_ texts: [String]) -> Bool
}

/// The value of an option with its origin. Wrappers refer to it, so that the parser can set the properties of a command
/// that it only knows as a protocol.
final class Slot<Value>: AnySlot {
  let form: SlotForm
  let names: [OptionName]
  let help: ArgumentHelp
  let type: SlotType
  var origin = Origin.default
  var value: Value?
  private let text: (Value) -> [String]?
  private let reader: ([String]) -> Value?

  init(
    _ form: SlotForm, _ names: [OptionName], _ help: ArgumentHelp, _ type: SlotType, value: Value?,
    text: @escaping (Value) -> [String]?, read: @escaping ([String]) -> Value?
  ) {
    (self.form, self.names, self.help, self.type) = (form, names, help, type)
    (self.value, self.text, reader) = (value, text, read)
  }

  var required: Value {
    guard let value else { preconditionFailure("a required option was read before the command line was parsed") }
    return value
  }

  var texts: [String]? { value.flatMap(text) }
  var isMissing: Bool { value == nil }

  func read(_ texts: [String]) -> Bool {
    guard let value = reader(texts) else { return false }
    self.value = value
    return true
  }
}

extension Slot where Value: ExpressibleByArgument {
  convenience init(_ form: SlotForm, _ names: [OptionName], _ help: ArgumentHelp, single value: Value?) {
    self.init(
      form, names, help, SlotType(Value.self), value: value, text: { [$0.argumentText] },
      read: { $0.last.flatMap(Value.init(argument:)) })
  }
}

extension Slot {
  convenience init<Element: ExpressibleByArgument>(
    _ form: SlotForm, _ names: [OptionName], _ help: ArgumentHelp, optional value: Value
  ) where Value == Element? {
    self.init(
      form, names, help, SlotType(Element.self), value: value, text: { $0.map { [$0.argumentText] } },
      read: { $0.last.flatMap(Element.init(argument:)).map(Optional.some) })
  }

  convenience init<Element: ExpressibleByArgument>(
    _ form: SlotForm, _ names: [OptionName], _ help: ArgumentHelp, several value: Value?
  ) where Value == [Element] {
    self.init(
      form, names, help, SlotType(Element.self), value: value, text: { $0.map(\.argumentText) },
      read: { texts in
        let elements = texts.compactMap(Element.init(argument:))
        return elements.count == texts.count ? elements : nil
      })
  }
}

/// A wrapper with a slot.
protocol SlotHolder { var anySlot: any AnySlot { get } }
/// A wrapper with further options.
protocol GroupHolder { var group: any ParsableArguments { get } }

extension Option: SlotHolder { var anySlot: any AnySlot { slot } }
extension Argument: SlotHolder { var anySlot: any AnySlot { slot } }
extension Flag: SlotHolder { var anySlot: any AnySlot { slot } }
extension OptionGroup: GroupHolder { var group: any ParsableArguments { wrappedValue } }

/// An option of a command, with the name of its property.
struct Definition {
  let property: String
  let slot: any AnySlot
  /// The spellings with dashes; empty for a positional argument.
  let spellings: [String]
  /// The spelling that turns a flag off.
  let negation: String?

  init(property: String, slot: any AnySlot) {
    self.property = property
    self.slot = slot
    switch slot.form {
    case .argument: (spellings, negation) = ([], nil)
    case .option, .flag(inverted: false):
      (spellings, negation) = (slot.names.map { $0.text(for: property) }, nil)
    case .flag(inverted: true):
      spellings = slot.names.map { $0.text(for: property) }
      negation = spellings.first { $0.hasPrefix("--") }.map { "--no-" + $0.dropFirst(2) }
    }
  }

  /// The name in settings, config files and the environment: the first long spelling without dashes.
  var name: String {
    spellings.first { $0.hasPrefix("--") }.map { String($0.dropFirst(2)) } ?? hyphenated(property)
  }

  /// The name in messages: `--epochs`, or `DATA`.
  var title: String { spellings.first { $0.hasPrefix("--") } ?? spellings.first ?? placeholder }

  var placeholder: String {
    if let name = slot.help.valueName { return name }
    if case .argument = slot.form { return hyphenated(property).uppercased() }
    return slot.type.placeholder
  }

  /// The options of a command in the order of declaration, with those of groups in their place.
  static func all(of arguments: any ParsableArguments) -> [Definition] {
    Mirror(reflecting: arguments).children.flatMap { child -> [Definition] in
      switch child.value {
      case let holder as any SlotHolder:
        [Definition(property: String((child.label ?? "").drop { $0 == "_" }), slot: holder.anySlot)]
      case let holder as any GroupHolder: all(of: holder.group)
      case let list as OptionList: list.definitions
      default: []
      }
    }
  }
}
