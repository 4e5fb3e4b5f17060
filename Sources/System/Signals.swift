/// Calls `handler` when the signal comes, in place of what the system would do.
package func onSignal(_ number: Int32, _ handler: @escaping @convention(c) (Int32) -> Void) {
  _ = signal(number, handler)
}
