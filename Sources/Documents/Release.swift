/// Which release this is: what `nunchi --version` prints, and what files say that they were made by.
package enum Release {
  package static let version = "0.1.0"
}
