/// Calls `handler` on the signal, instead of its default action.
package func onSignal(_ number: Int32, _ handler: @escaping @convention(c) (Int32) -> Void) {
  _ = signal(number, handler)
}
