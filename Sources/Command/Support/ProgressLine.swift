/// A line on standard error that is redrawn. It only appears on a terminal.
final class ProgressLine {
  private var isShown = false

  func show(_ text: String) {
    guard Console.isTerminal else { return }
    Console.draw("\r" + String(text.prefix(max(Console.columns - 1, 1))) + "\u{1B}[K")
    isShown = true
  }

  func clear() {
    guard isShown else { return }
    Console.draw("\r\u{1B}[K")
    isShown = false
  }
}
