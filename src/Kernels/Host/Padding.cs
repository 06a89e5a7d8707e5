using P6bNative.Kernels.Host.Simd;
using P6bNative.Kernels.Host.Threads;

namespace P6bNative.Kernels.Host;

internal sealed unsafe partial class HostOperations
{
    private readonly Scratch _padding = new();

    /// <summary>Scratch for <see cref="PaddedRows"/>: as many slots for every worker; null where rows need no padding.</summary>
    private float* Padding(long length, int slots) =>
        length % 16 == 0 ? null : _padding.Floats(Threads * slots * PaddedRows.PadTo16(length));
}
