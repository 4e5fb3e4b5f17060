import NunchiArguments
import NunchiEngine

/// Where and how plans run.
struct EngineOptions: ParsableArguments {
  @Option(help: "worker threads (default: every core that this process may use)") var threads: Int?
  @Option(
    help: ArgumentHelp("instruction set to use, such as avx2 (default: the best one here)", valueName: "NAME"))
  var isa: String?
  @Flag(
    inversion: .prefixedNo,
    help: "multiply less in 3x3 convolutions, by Winograd's algorithm; its roundings are somewhat larger")
  var winograd = true

  func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads expects 1 to 1024, found \(threads)")
    }
    if let isa, !KernelTable.available.contains(where: { "\($0)" == isa }) {
      let names = KernelTable.available.map(\.description).joined(separator: ", ")
      throw ValidationError("--isa expects one that this CPU runs (\(names)), found \"\(isa)\"")
    }
  }

  var threadCount: Int { threads ?? WorkerPool.cores }
  var kernels: KernelTable { KernelTable.available.first { "\($0)" == isa } ?? .preferred }
  var plan: PlanOptions { PlanOptions(kernels: kernels, winograd: winograd) }
}
