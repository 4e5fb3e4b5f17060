/// A data set that anyone may download, with what its files hold.
///
/// Verified is what is in the files when they are expanded: how a mirror has compressed them does not matter.
package struct PublicSet: Sendable {
  /// A file of the set. Its name on the servers may end in `.gz`.
  package struct File: Sendable {
    package let name: String
    /// Of the expanded bytes.
    let digest: String
  }

  /// How the files lie on the servers.
  enum Form: Sendable {
    /// Each by itself, as `<name>.gz`, and kept so.
    case zippedFiles
    /// All in one archive.
    case archive(String)
  }

  package let name: String
  let form: Form
  package let files: [File]
  /// Addresses of folders, tried in this order.
  let mirrors: [String]

  package static let all = [mnist, fashionMNIST, cifar10]

  static let mnist = PublicSet(
    name: "mnist", form: .zippedFiles,
    files: [
      File(
        name: "train-images-idx3-ubyte",
        digest: "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"),
      File(
        name: "train-labels-idx1-ubyte",
        digest: "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"),
      File(
        name: "t10k-images-idx3-ubyte",
        digest: "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"),
      File(
        name: "t10k-labels-idx1-ubyte",
        digest: "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"),
    ],
    mirrors: [
      "https://ossci-datasets.s3.amazonaws.com/mnist/", "https://storage.googleapis.com/cvdf-datasets/mnist/",
    ])

  static let fashionMNIST = PublicSet(
    name: "fashion-mnist", form: .zippedFiles,
    files: [
      File(
        name: "train-images-idx3-ubyte",
        digest: "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888"),
      File(
        name: "train-labels-idx1-ubyte",
        digest: "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9"),
      File(
        name: "t10k-images-idx3-ubyte",
        digest: "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b"),
      File(
        name: "t10k-labels-idx1-ubyte",
        digest: "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"),
    ],
    mirrors: [
      "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
      "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/",
    ])

  static let cifar10 = PublicSet(
    name: "cifar10", form: .archive("cifar-10-binary.tar.gz"),
    files: [
      File(name: "data_batch_1.bin", digest: "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5"),
      File(name: "data_batch_2.bin", digest: "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed"),
      File(name: "data_batch_3.bin", digest: "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67"),
      File(name: "data_batch_4.bin", digest: "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48"),
      File(name: "data_batch_5.bin", digest: "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add"),
      File(name: "test_batch.bin", digest: "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b"),
      File(name: "batches.meta.txt", digest: "558e74b5e208382e186da55784b4bac2cd52e558448e1b5800990fdb28ed8033"),
    ],
    mirrors: ["https://www.cs.toronto.edu/~kriz/", "https://cave.cs.toronto.edu/kriz/"])

  package init(named name: String, files: [(name: String, digest: String)], archive: String?, mirrors: [String]) {
    self.init(
      name: name, form: archive.map { .archive($0) } ?? .zippedFiles,
      files: files.map { File(name: $0.name, digest: $0.digest) }, mirrors: mirrors)
  }

  private init(name: String, form: Form, files: [File], mirrors: [String]) {
    (self.name, self.form, self.files, self.mirrors) = (name, form, files, mirrors)
  }
}
