import Foundation
import NunchiGraph

/// The names of all cases of `Operation`, read from its source: an enum with payloads cannot list them, and a list beside
/// it could miss one.
package func operationNames() throws -> [String] {
  let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../Graph/Core/Operation.swift")
  return try operationNames(in: String(contentsOf: file, encoding: .utf8))
}

package func operationNames(in source: String) -> [String] {
  source.matches(of: /(?m)^  case (\w+)\(\w+\)$/).map { String($0.output.1) }
}

extension NunchiGraph.Operation {
  /// The name of the case.
  package var caseName: String { String("\(self)".prefix { $0 != "(" }) }
}
