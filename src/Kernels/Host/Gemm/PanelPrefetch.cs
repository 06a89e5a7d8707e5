using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace P6bNative.Kernels.Host.Gemm;

/// <summary>
/// Asks for the part of B that is packed next, a few cache lines before each tile: packing reads lines too far apart for the hardware's
/// own prefetcher. Worth 3-5 % of a product, more where B comes from memory.
/// </summary>
internal unsafe struct PanelPrefetch
{
    private const int LineFloats = 16;

    private readonly float* _first;
    private readonly nint _row;
    private readonly int _linesPerRow;
    private readonly int _lines;
    private int _asked;

    /// <param name="first">First element of the part; null for nothing.</param>
    /// <param name="row">From one of its rows to the next in B.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="columns">Number of columns.</param>
    public PanelPrefetch(float* first, nint row, int rows, int columns)
    {
        _first = first;
        _row = row;
        _linesPerRow = (columns + LineFloats - 1) / LineFloats;
        _lines = first == null || !Sse.IsSupported ? 0 : rows * _linesPerRow;
        _asked = 0;
    }

    /// <summary>Asks for the lines that are due before tile <paramref name="tile"/> of <paramref name="tiles"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Advance(int tile, int tiles)
    {
        if (!Sse.IsSupported)
            return;
        for (int due = (int)((long)_lines * (tile + 1) / tiles); _asked < due; _asked++)
            Sse.Prefetch1(_first + _asked / _linesPerRow * _row + _asked % _linesPerRow * LineFloats);
    }
}
