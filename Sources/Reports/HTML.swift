/// Escapes a text for HTML elements and quoted attributes.
package func escaped(_ text: String) -> String {
  var safe = ""
  safe.reserveCapacity(text.utf8.count)
  for character in text.unicodeScalars {
    switch character {
    case "&": safe += "&amp;"
    case "<": safe += "&lt;"
    case ">": safe += "&gt;"
    case "\"": safe += "&quot;"
    case "'": safe += "&#39;"
    default: safe.unicodeScalars.append(character)
    }
  }
  return safe
}
