import NunchiKernels
import NunchiSystem

/// The leaf loops over bytes, of the best instruction set that runs here or the one that the environment's `NUNCHI_ISA`
/// names. All give the same bytes.
enum ImageKernels {
  nonisolated(unsafe) static let functions: UnsafePointer<nk_table> = {
    let wanted = Environment.value("NUNCHI_ISA")
    let named = [NK_PORTABLE, NK_NEON, NK_AVX2, NK_AVX512].first { String(cString: nk_isa_name($0)) == wanted }
    return named.flatMap { nk_kernels($0) } ?? nk_kernels(nk_best_isa())!
  }()
}
