import NunchiSystem

/// Why something could not be downloaded.
package struct DownloadError: Error, Sendable, Hashable, CustomStringConvertible {
  package enum Reason: Sendable, Hashable {
    /// There is no libcurl.
    case noLibrary
    /// libcurl refuses an option, by its name, that keeps a transfer to the web and within bounds.
    case option(String)
    case address(String)
    /// No connection, or one that broke; what libcurl said.
    case network(String)
    /// The server's answer was another than the file.
    case status(Int)
    /// The bytes are not those that were published.
    case checksum(expected: String, found: String)
    /// The file cannot be written or read; what the system said.
    case file(FileError.Reason)
    /// Another program writes the same file.
    case busy
    case stopped
  }

  package let reason: Reason
  /// The address or file.
  package let source: String

  init(_ reason: Reason, _ source: String) {
    self.reason = reason
    self.source = source
  }

  /// Whether the same request may succeed a little later.
  var isTransient: Bool {
    switch reason {
    case .network: true
    case .status(let status): status == 408 || status == 425 || status == 429 || status >= 500
    case .noLibrary, .option, .address, .checksum, .file, .busy, .stopped: false
    }
  }

  package var expected: String {
    switch reason {
    case .noLibrary: "libcurl, which downloads"
    case .option: "a libcurl that takes every option of a transfer"
    case .address: "an address with http:// or https://"
    case .network: "a connection"
    case .status: "the file"
    case .checksum(let expected, _): expected
    case .file: "a place that can be written"
    case .busy: "a file that nothing else writes"
    case .stopped: "to go on to the end"
    }
  }

  package var found: String {
    switch reason {
    case .noLibrary: "none"
    case .option(let name): "one that refuses \(name)"
    case .address(let detail), .network(let detail): detail
    case .file(let reason): reason.description
    case .status(404): "the answer 404, not found"
    case .status(let status): "the answer \(status)"
    case .checksum(_, let found): found
    case .busy: "another download of it"
    case .stopped: "a wish to stop"
    }
  }

  package var remedy: String {
    switch reason {
    case .noLibrary: "install it (Debian: apt install libcurl4, Fedora: dnf install libcurl, macOS: it is there)"
    case .option: "install the libcurl of your system (Debian: apt install libcurl4), version 7.32 or later"
    case .address, .status: "check the address"
    case .network: "check the network and run the command again: it goes on where it ended"
    case .checksum: "try again, or another address"
    case .file: "check the folder, its permissions and the room on the disk, and run the command again"
    case .busy: "wait until it is done"
    case .stopped: "run the command again: it goes on where it ended"
    }
  }

  /// The sentence without its remedy.
  package var problem: String { "\(source): expected \(expected), found \(found)" }
  package var description: String { "\(problem); \(remedy)" }
}
