import NunchiKernels
import NunchiSystem

/// The kernels of one instruction set.
public struct KernelTable: Sendable, CustomStringConvertible {
  nonisolated(unsafe) package let functions: UnsafePointer<nk_table>

  /// The best set that this CPU runs, or the one that the environment's `NUNCHI_ISA` names
  /// (`portable`, `neon`, `avx2`, `avx512`) where it runs here.
  public static let preferred: KernelTable = {
    if let wanted = Environment.value("NUNCHI_ISA"),
      let table = available.first(where: { $0.description == wanted })
    {
      return table
    }
    return KernelTable(functions: nk_kernels(nk_best_isa())!)
  }()

  /// Every set compiled in that runs here, the plainest first.
  public static let available: [KernelTable] = [NK_PORTABLE, NK_NEON, NK_AVX2, NK_AVX512].compactMap { isa in
    nk_kernels(isa).map(KernelTable.init)
  }

  public var description: String { String(cString: nk_isa_name(functions.pointee.isa)) }
}
