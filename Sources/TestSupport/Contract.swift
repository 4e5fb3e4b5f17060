import NunchiGraph

/// Every parameter that can be reached through the stored properties of `value`, found by reflection: what a layer
/// must list.
public func reachableParameters(_ value: Any) -> Set<Parameter> {
  if let parameter = value as? Parameter { return [parameter] }
  return Mirror(reflecting: value).children.reduce(into: []) { $0.formUnion(reachableParameters($1.value)) }
}

/// What is wrong with the list of a layer's parameters; empty if nothing is.
///
/// - Parameters:
///   - layer: the layer, for reflection.
///   - listed: its `namedParameters()`.
public func contractViolations(of layer: Any, listing listed: [(name: String, parameter: Parameter)]) -> [String] {
  var problems: [String] = []
  let reachable = reachableParameters(layer)
  let forgotten = reachable.subtracting(listed.map(\.parameter))
  if !forgotten.isEmpty {
    let shapes = forgotten.map { "\($0.shape)" }.sorted().joined(separator: ", ")
    problems.append("\(forgotten.count) parameter(s) not listed, of shape \(shapes)")
  }
  for (name, parameter) in listed where !reachable.contains(parameter) {
    problems.append("\(name) is listed but not stored: it would be another one at every call")
  }
  let names = listed.map(\.name)
  if Set(names).count != names.count { problems.append("two parameters have the same name") }
  for name in names where name.isEmpty || name.hasPrefix(".") || name.contains("..") {
    problems.append("\"\(name)\" is no name")
  }
  return problems
}
