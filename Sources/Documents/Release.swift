/// This release, as `nunchi --version` prints it and files record it.
package enum Release {
  package static let version = "0.1.0"
}
